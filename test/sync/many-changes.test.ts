/** Many changes are made at once for searches, and hold up nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { hold } from '../hold.ts';
import { embedding, registration } from './memory-feed.ts';
import { filed, open, timeout } from './one-gallery.ts';

test('a load lets others have their turn between batches', { timeout }, async () => {
  const { feed, gallery } = open();
  for (let i = 2; i < 8; i++) feed.write(...registration(`p${i}`, i));
  let turns = 0;
  let isLoading = true;
  const others = (async () => {
    for (; isLoading; turns += 1) await setImmediate();
  })();
  await gallery.catchUp();
  isLoading = false;
  await others;
  assert.ok(turns >= 10, `${turns} turns while 14 batches were filed`);
});

test('many changes leave others their turn, and no search sees some of them without the rest', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const parts: number[] = [];
  let [turns, isOver] = [0, false];
  const apply = faces.apply.bind(faces);
  faces.apply = async (changes) => {
    parts.push(turns);
    await apply(changes);
  };
  const persons = Array.from({ length: 1_200 }, (_, i) => `p${i}`);
  feed.write(...persons.flatMap((personId, i) => registration(personId, i + 2)));
  const others = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  const searches = Array.from({ length: 5 }, async () => {
    await setImmediate();
    const [list] = await gallery.nearest({
      probes: [embedding(0)],
      groupIds: ['g'],
      count: 5_000,
      signal: new AbortController().signal,
    });
    return list!.length;
  });
  const found = await Promise.all([gallery.catchUp(), ...searches]);
  isOver = true;
  await others;
  assert.deepEqual(found.slice(1), Array(5).fill(1 + persons.length));
  assert.ok(parts.length > 1);
  for (const [i, turn] of parts.entries()) assert.ok(i === 0 || turn > parts[i - 1]!, 'nobody had a turn in between');
});

test('many changes wait for the searches under way', { timeout }, () =>
  waitsForSearches(600, Number.POSITIVE_INFINITY),
);

test('a batch that more follow waits for the searches under way, however small it is', { timeout }, () =>
  waitsForSearches(9, 3),
);

/** @param batchSize how many changes are read at once. */
async function waitsForSearches(persons: number, batchSize: number): Promise<void> {
  const { feed, faces, gallery } = open();
  feed.batchSize = batchSize;
  await gallery.catchUp();
  const held = hold();
  const nearest = faces.nearest.bind(faces);
  faces.nearest = async (query) => {
    await held.pass();
    return nearest(query);
  };
  const { signal } = new AbortController();
  const search = gallery.nearest({ probes: [embedding(0)], groupIds: ['g'], count: 5_000, signal });
  await held.reached;
  feed.write(...Array.from({ length: persons }, (_, i) => registration(`p${i}`, i + 2)).flat());
  const apply = faces.apply.bind(faces);
  let isMade = false;
  faces.apply = async (changes) => {
    isMade = true;
    await apply(changes);
  };
  const pass = gallery.catchUp();
  for (let i = 0; i < 10; i++) await setImmediate();
  assert.equal(isMade, false);
  held.end();
  assert.deepEqual(
    (await search)[0]!.map(({ personId }) => personId),
    ['p'],
  );
  await pass;
  assert.equal((await filed(faces)).length, 10);
}
