/** What changes come to: the same state, by fewer changes, those that make room first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { netOf } from '../../src/sync/net-changes.ts';
import { Oracle } from '../search/oracle.ts';
import { dimension, embedding } from './memory-feed.ts';

const personId = fc.constantFrom('p', 'q', 'r');
const groupId = fc.constantFrom('a', 'b', 'c');
const faceId = fc.integer({ min: 1, max: 6 }).map(String);
const change: fc.Arbitrary<RegistryChange> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('insertFace' as const),
      faceId,
      personId,
      embedding: fc.nat(dimension - 1).map(embedding),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('joinGroup' as const), personId, groupId }) },
  fc.record({ kind: fc.constant('leaveGroup' as const), personId, groupId }),
  fc.record({ kind: fc.constant('removeFace' as const), faceId }),
  fc.record({ kind: fc.constant('removePerson' as const), personId }),
);
const changes = fc.array(change, { maxLength: 25 });

/** Whom searches of each group find, and by which face. */
async function stateAfter(...batches: readonly (readonly RegistryChange[])[]): Promise<unknown> {
  const oracle = new Oracle();
  for (const batch of batches) await oracle.apply(batch);
  const probes = Array.from({ length: dimension }, (_, number) => embedding(number));
  return Promise.all(['a', 'b', 'c'].map((groupId) => oracle.nearest({ probes, groupIds: [groupId], count: 9 })));
}

test('removals, departures and additions lead to where the changes lead, from wherever they begin', async () => {
  const property = fc.asyncProperty(changes, changes, async (before, changes) => {
    const { removals, departures, additions } = netOf(changes);
    const expected = await stateAfter(before, changes);
    assert.deepEqual(await stateAfter(before, removals, departures, additions), expected);
    // A feed's changes may be made twice.
    assert.deepEqual(await stateAfter(before, removals, removals, departures, additions), expected);
  });
  await fc.assert(property, { numRuns: 500 });
});

test('nothing is added that goes again, and nothing twice', () => {
  const face = (faceId: string, personId: string): RegistryChange => ({
    kind: 'insertFace',
    faceId,
    personId,
    embedding: embedding(1),
  });
  const { additions } = netOf([
    { kind: 'joinGroup', personId: 'p', groupId: 'a' },
    face('1', 'p'),
    { kind: 'removePerson', personId: 'p' },
    face('2', 'q'),
    { kind: 'removeFace', faceId: '2' },
    face('3', 'q'),
    face('3', 'r'),
    { kind: 'joinGroup', personId: 'r', groupId: 'a' },
    { kind: 'joinGroup', personId: 'r', groupId: 'a' },
    { kind: 'joinGroup', personId: 'q', groupId: 'b' },
    { kind: 'leaveGroup', personId: 'q', groupId: 'b' },
  ]);
  assert.deepEqual(additions, [{ kind: 'joinGroup', personId: 'r', groupId: 'a' }, face('3', 'r')]);
});
