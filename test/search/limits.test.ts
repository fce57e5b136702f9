import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { GalleryState } from '../../src/search/gallery-state.ts';
import { layOut } from '../../src/search/layout.ts';
import { openIndex } from '../../src/search/open.ts';
import { People } from '../../src/search/people.ts';
import { type Amounts, bytesOf } from '../../src/search/room.ts';
import { Rows } from '../../src/search/rows.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { face, join, leave, removeFace, removePerson } from './changes.ts';
import { stranger } from './vectors.ts';

const dimension = 8;
const random = createRandom(4);
const embeddings = Array.from({ length: 30 }, () => stranger(random, dimension));
const faceOf = (id: number, personId: string): RegistryChange => face(id, personId, embeddings[id]!);

interface Limited {
  readonly most: Partial<Amounts>;
  /** Applied one after the other, until nothing is left. */
  readonly fill: readonly RegistryChange[];
  /** Has no room then, although it begins with what has. */
  readonly tooMuch: readonly RegistryChange[];
  /** Needs no more of what is full. */
  readonly stillFits: readonly RegistryChange[];
  readonly removal: readonly RegistryChange[];
  /** Has room after the removal. */
  readonly fitsAgain: readonly RegistryChange[];
}

async function assertLimited({ most, fill, tooMuch, stillFits, removal, fitsAgain }: Limited): Promise<void> {
  await using index = await openIndex({ dimension, threads: 1 }, { most });
  const gallery = index.of('1');
  for (const change of fill) await gallery.apply([change]);
  const full = await contentsOf(index, gallery);
  await assert.rejects(gallery.apply(tooMuch), { name: 'IndexFull', message: 'the index is full' });
  assert.deepEqual(await contentsOf(index, gallery), full, 'nothing of what was refused is there');
  await gallery.apply(stillFits);
  await assert.rejects(gallery.apply(fitsAgain), { name: 'IndexFull', message: 'the index is full' });
  await gallery.apply(removal);
  await gallery.apply(fitsAgain);
  assert.notDeepEqual(await contentsOf(index, gallery), full);
}

async function contentsOf(index: Index, gallery: SearchGallery): Promise<unknown> {
  const { faces, persons } = index.size();
  const lists = ['a', 'b', 'c'].map((groupId) =>
    gallery.nearest({ probes: embeddings.slice(0, 3), groupIds: [groupId], count: 50 }),
  );
  return { faces, persons, lists: await Promise.all(lists) };
}

test('an index full of faces refuses more, keeps what it has, and takes more after a removal', async () => {
  await assertLimited({
    most: { blocks: 3 },
    fill: [...join('p', 'a'), ...Array.from({ length: 24 }, (_, i) => faceOf(i + 1, 'p'))],
    tooMuch: [...join('q', 'b'), removeFace(1), faceOf(25, 'p'), faceOf(26, 'p')],
    stillFits: join('q', 'b'),
    removal: [removeFace(7)],
    fitsAgain: [faceOf(25, 'p')],
  });
});

test('an index full of persons refuses more, keeps what it has, and takes more after a removal', async () => {
  await assertLimited({
    most: { persons: 3 },
    fill: ['p', 'q', 'r'].flatMap((personId, i) => [...join(personId, 'a'), faceOf(i + 1, personId)]),
    tooMuch: [faceOf(4, 'p'), removeFace(2), faceOf(5, 's')],
    stillFits: [faceOf(4, 'p'), ...join('q', 'b')],
    removal: [removePerson('q')],
    fitsAgain: [...join('s', 'a'), faceOf(5, 's')],
  });
});

test('an index full of memberships refuses more, keeps what it has, and takes more after a removal', async () => {
  await assertLimited({
    most: { secondaries: 2 },
    fill: ['p', 'q'].flatMap((personId, i) => [faceOf(i + 1, personId), ...join(personId, 'a', 'b')]),
    tooMuch: [removeFace(1), ...join('r', 'a'), ...join('q', 'c')],
    // Whoever is in no group yet needs nothing beside, nor does a change that is repeated.
    stillFits: [...join('r', 'a'), faceOf(3, 'r'), ...join('p', 'a', 'b')],
    removal: leave('p', 'a'),
    fitsAgain: join('r', 'b'),
  });
});

test('a person who moves to a larger group with all faces needs room there first', async () => {
  await using index = await openIndex({ dimension, threads: 1 }, { most: { blocks: 2 } });
  const gallery = index.of('1');
  await gallery.apply([...join('p', 'a'), ...join('q', 'b'), ...join('r', 'b')]);
  for (let id = 1; id <= 8; id++) await gallery.apply([faceOf(id, 'p'), faceOf(id + 8, 'q')]);
  const full = await contentsOf(index, gallery);
  await assert.rejects(gallery.apply(join('p', 'b')), { name: 'IndexFull', message: 'the index is full' });
  assert.deepEqual(await contentsOf(index, gallery), full);
  await gallery.apply([removePerson('q')]);
  await gallery.apply(join('p', 'b'));
});

test('what changes of one person take is counted together', async () => {
  const full = { name: 'IndexFull', message: 'the index is full' };
  await using memberships = await openIndex({ dimension, threads: 1 }, { most: { secondaries: 1 } });
  await assert.rejects(memberships.of('1').apply(join('p', 'a', 'b', 'c')), full);
  await memberships.of('1').apply(join('p', 'a', 'b'));
  // The face is filed where nobody searches, and moves: for a moment both groups have a block.
  await using faces = await openIndex({ dimension, threads: 1 }, { most: { blocks: 1 } });
  await assert.rejects(faces.of('1').apply([faceOf(1, 'p'), ...join('p', 'a')]), full);
  await faces.of('1').apply([...join('p', 'a'), faceOf(1, 'p')]);
});

test('however full an index is, changes are made whole or refused whole, and no limit is passed', () => {
  const most: Amounts = { blocks: 5, persons: 4, secondaries: 3 };
  const personId = fc.constantFrom('p', 'q', 'r', 's', 't');
  const groupId = fc.constantFrom('a', 'b', 'c');
  const inserted = fc.tuple(fc.nat(29), personId).map(([id, person]) => faceOf(id, person));
  const change = fc.oneof(
    { weight: 6, arbitrary: inserted },
    fc.tuple(personId, groupId).map(([person, group]) => join(person, group)[0]!),
    fc.tuple(personId, groupId).map(([person, group]) => leave(person, group)[0]!),
    fc.nat(29).map((id) => removeFace(id)),
    personId.map((person) => removePerson(person)),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 40 }), (batches) => {
      const [limited, free] = [newRegister(most), newRegister({})];
      for (const changes of batches) {
        try {
          limited.register.apply(changes);
        } catch {
          refused += 1;
          assert.deepEqual(stateOf(limited), stateOf(free), 'nothing of what was refused is there');
          continue;
        }
        free.register.apply(changes);
        assert.deepEqual(stateOf(limited), stateOf(free));
        assert.ok(limited.people.hasRoom({ blocks: 0, persons: 0, secondaries: 0 }), 'no more than there may be');
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(refused > 0);
});

interface Filed {
  readonly people: People;
  readonly register: GalleryState;
}

function newRegister(most: Partial<Amounts>): Filed {
  const people = new People(new Rows(layOut(dimension, 1, 1024), most.blocks), most);
  return { people, register: new GalleryState(people) };
}

function stateOf({ people, register }: Filed): unknown {
  const owners = ['a', 'b', 'c'].flatMap((groupId) => {
    const groups = new Set(register.find([groupId]));
    return Array.from({ length: 30 }, (_, id) => {
      const person = register.personIn(groups, BigInt(id));
      return person === 0 ? undefined : register.nameOf(person);
    });
  });
  return { faces: people.faces, persons: people.persons, owners };
}

test('a scan finds everybody, though scans long ago had the same number', async () => {
  await using index = await openIndex({ dimension, threads: 1 }, { scanIds: 2 });
  const gallery = index.of('1');
  // The secondary member of both groups is met twice, and marked so as to be looked at once.
  await gallery.apply([...join('other', 'large'), ...join('member', 'large', 'a', 'b'), faceOf(1, 'member')]);
  const names = async (...groupIds: readonly string[]): Promise<readonly string[]> => {
    const [found] = await gallery.nearest({ probes: [embeddings[0]!], groupIds, count: 2 });
    return found!.map(({ personId }) => personId);
  };
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await names('a', 'b'), ['member']);
    assert.deepEqual(await names('nobody'), []);
  }
});

/** Memory for so much. */
function bytesFor(amounts: Amounts): number {
  const each = bytesOf(layOut(dimension, 1, 0));
  return amounts.blocks * each.blocks + amounts.persons * each.persons + amounts.secondaries * each.secondaries;
}

test('an index takes no more memory than its budget, and what is given back is used again', async () => {
  const bytesMax = bytesFor({ blocks: 4, persons: 4, secondaries: 0 });
  await using index = await openIndex({ dimension, threads: 1, bytesMax });
  const gallery = index.of('1');
  const add = (i: number) => gallery.apply([...join(`p${i}`, `g${i}`), face(i, `p${i}`, embeddings[0]!)]);
  for (let i = 0; i < 4; i++) await add(i);
  await assert.rejects(add(4), { name: 'IndexFull' });
  await gallery.apply([removePerson('p0')]);
  await add(4);
  await assert.rejects(add(5), { name: 'IndexFull' });
});

test('memory that persons have taken is not promised to faces a second time', async () => {
  const bytesMax = bytesFor({ blocks: 2, persons: 40, secondaries: 0 });
  await using index = await openIndex({ dimension, threads: 1, bytesMax });
  const gallery = index.of('1');
  const persons = Array.from({ length: 40 }, (_, i) => `p${i}`);
  await gallery.apply(persons.flatMap((personId) => join(personId, 'a')));
  await gallery.clear();
  const faces = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => face(from + i, 'p', embeddings[0]!));
  await gallery.apply(join('p', 'a'));
  for (const one of faces(0, 16)) await gallery.apply([one]);
  await assert.rejects(gallery.apply(faces(16, 17)), { name: 'IndexFull' });
});

test('an index tells for which galleries it has room, and with what others give back', async () => {
  const bytesMax = bytesFor({ blocks: 5, persons: 3, secondaries: 1 });
  await using index = await openIndex({ dimension, threads: 1, bytesMax });
  const size = { faces: 24, persons: 3, groups: 1, memberships: 3 };
  assert.equal(index.hasRoomFor(size), true);
  assert.equal(index.hasRoomFor({ ...size, faces: 25 }), false);
  assert.equal(index.hasRoomFor({ ...size, faces: 0, persons: 1_000, memberships: 1_000 }), false);
  assert.equal(index.hasRoomFor({ ...size, memberships: 1_000 }), false);
  await index.of('1').apply(join('p', 'a', 'b'));
  await index.of('1').apply(embeddings.slice(0, 24).map((one, i) => face(i, 'p', one)));
  assert.deepEqual(index.amountsOf(['1', 'unknown']), { blocks: 3, persons: 1, secondaries: 1 });
  assert.equal(index.hasRoomFor(size), false);
  assert.equal(index.hasRoomFor(size, index.amountsOf(['1'])), true);
});
