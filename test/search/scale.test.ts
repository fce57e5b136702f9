import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openIndex } from '../../src/search/open.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { Oracle } from './oracle.ts';
import { picture, stranger } from './vectors.ts';

/** Persons with several pictures each, in one to three of many groups. */
function* crowd(random: () => number, persons: number, dimension: number, spread: number): Generator<RegistryChange[]> {
  for (let person = 0, face = 0; person < persons; person++) {
    const personId = `person-${person}`;
    const centre = stranger(random, dimension);
    const changes: RegistryChange[] = [];
    for (let i = 0; i <= random() * 2; i++) {
      changes.push({ kind: 'joinGroup', personId, groupId: `group-${Math.floor(random() ** 3 * 30)}` });
    }
    for (let i = 0; i <= random() * 5; i++) {
      const embedding = picture(random, centre, spread);
      changes.push({ kind: 'insertFace', faceId: `${++face}`, personId, embedding });
    }
    if (person % 5 === 0) changes.push({ kind: 'removePerson', personId: `person-${Math.floor(random() * person)}` });
    if (person % 3 === 0) changes.push({ kind: 'removeFace', faceId: `${Math.floor(random() * face)}` });
    if (person % 3 === 1) {
      const other = `person-${Math.floor(random() * person)}`;
      changes.push({ kind: 'leaveGroup', personId: other, groupId: `group-${Math.floor(random() ** 3 * 30)}` });
    }
    yield changes;
  }
}

for (const [kind, spread] of [
  ['strangers', 100],
  ['people whose pictures resemble each other', 0.6],
  ['people whose pictures are almost the same', 0.01],
] as const) {
  test(`finds what the oracle finds among thousands of ${kind}`, async () => {
    const dimension = 128;
    const random = createRandom(7);
    await using index = await openIndex({ dimension, threads: 2 });
    const [gallery, oracle] = [index.of('1'), new Oracle()];
    const embeddings: Float32Array[] = [];
    for (const changes of crowd(random, 1500, dimension, spread)) {
      await gallery.apply(changes);
      await oracle.apply(changes);
      for (const change of changes) if (change.kind === 'insertFace') embeddings.push(change.embedding);
    }
    for (const groupIds of [['group-0'], ['group-29'], ['group-3', 'group-1', 'group-0', 'group-3'], ['nobody']]) {
      const probes = Array.from({ length: 7 }, (_, i) => {
        const known = embeddings[Math.floor(random() * embeddings.length)]!;
        return i % 2 === 0 ? picture(random, known, spread) : known;
      });
      const query = { probes, groupIds, count: 5 };
      assert.deepEqual(await gallery.nearest(query), await oracle.nearest(query));
    }
  });
}
