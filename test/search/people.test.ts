import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GalleryState } from '../../src/search/gallery-state.ts';
import { layOut } from '../../src/search/layout.ts';
import { People } from '../../src/search/people.ts';
import { Rows } from '../../src/search/rows.ts';
import { createRandom } from '../random.ts';
import { stranger } from './vectors.ts';

const dimension = 12;

test('nothing of a removed face secondaries in memory, and its place is used again', async () => {
  const people = new People(new Rows(layOut(dimension, 1, 1024)));
  const { rows } = people;
  const register = new GalleryState(people);
  const random = createRandom(3);
  let mostBlocks = 0;
  for (let round = 0; round < 3; round++) {
    for (let face = 0; face < 500; face++) {
      const personId = `${round}-${face % 90}`;
      register.apply([
        { kind: 'insertFace', faceId: `${face + 1}`, personId, embedding: stranger(random, dimension) },
        { kind: 'joinGroup', personId, groupId: `group-${face % 7}` },
      ]);
    }
    assert.equal(people.faces, 500);
    if (round === 0) mostBlocks = rows.blocks.last;
    for (let person = 0; person < 90; person++) {
      const personId = `${round}-${person}`;
      if (person % 2 === 0) register.apply([{ kind: 'removePerson', personId }]);
      else {
        for (let face = person; face < 500; face += 90) register.apply([{ kind: 'removeFace', faceId: `${face + 1}` }]);
        for (let group = 0; group < 7; group++)
          register.apply([{ kind: 'leaveGroup', personId, groupId: `group-${group}` }]);
      }
    }
    assert.deepEqual([people.faces, people.persons, rows.blocks.inUse], [0, 0, 0]);
    assert.equal(rows.blocks.last, mostBlocks, 'the same blocks serve again');
    const kept = [new Uint16Array(rows.memory.buffer), rows.lower.view, rows.owners.view];
    for (const numbers of kept)
      assert.equal(
        numbers.findIndex((number) => number !== 0),
        -1,
      );
    assert.equal(
      rows.faceIds.view.findIndex((id) => id !== 0n),
      -1,
    );
  }
});

test('the residents of a group lie side by side, after any changes', () => {
  const personId = fc.nat(6).map(String);
  const groupId = fc.constantFrom('a', 'b', 'c');
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('insertFace'),
      faceId: fc.integer({ min: 1, max: 60 }).map(String),
      personId,
      embedding: fc.constant(stranger(createRandom(1), dimension)),
    }),
    fc.record({ kind: fc.constant('joinGroup'), personId, groupId }),
    fc.record({ kind: fc.constant('leaveGroup'), personId, groupId }),
    fc.record({ kind: fc.constant('removePerson'), personId }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const people = new People(new Rows(layOut(dimension, 1, 1024)));
      const register = new GalleryState(people);
      for (const one of changes) register.apply([one]);
      for (const { blocks, rows, number } of register.find(['a', 'b', 'c'])) {
        assert.equal(blocks.length, Math.ceil(rows / 8));
        for (let i = 0; i < rows; i++) {
          const owner = people.rows.owners.view[blocks.view[Math.floor(i / 8)]! * 8 + (i % 8)]!;
          assert.equal(people.homes.view[owner], number);
        }
      }
    }),
    { numRuns: 50 },
  );
});
