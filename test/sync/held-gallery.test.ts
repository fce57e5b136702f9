/** A gallery is in memory as a whole or not at all, and no search finds a part of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { GalleryQuery, Match } from '../../src/domain/gallery.ts';
import { IndexFull } from '../../src/search/gallery.ts';
import { FeedTruncated } from '../../src/sync/gallery-sync.ts';
import { embedding, registration } from './memory-feed.ts';
import { failure, filed, openHeld, timeout } from './one-gallery.ts';

const query: GalleryQuery = { probes: [embedding(0)], groupIds: ['g'], count: 10 };
const persons = (lists: readonly (readonly Match[])[] | undefined) =>
  lists?.[0]?.map(({ personId }) => personId).sort();

for (const call of ['position', 'contents', 'since'] as const) {
  test(`a load whose ${call} fails leaves nothing in memory, and the next one files everything`, {
    timeout,
  }, async () => {
    const { feed, faces, gallery } = openHeld();
    feed.fail(call, failure);
    await assert.rejects(gallery.load(), failure);
    assert.deepEqual(await filed(faces), []);
    assert.equal(await gallery.nearest(query), undefined);
    feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
    await gallery.load();
    assert.deepEqual(persons(await gallery.nearest(query)), ['q']);
  });
}

test('a gallery for which there is no room leaves nothing in memory', { timeout }, async () => {
  const { feed, faces, gallery } = openHeld();
  const { apply } = faces;
  let left = 1;
  faces.apply = async (changes) => {
    if (left-- === 0) throw new IndexFull();
    await apply.call(faces, changes);
  };
  await assert.rejects(gallery.load(), IndexFull);
  faces.apply = apply;
  assert.deepEqual([await filed(faces), gallery.isOut], [[], true]);
  feed.write({ kind: 'leaveGroup', personId: 'p', groupId: 'g' });
  await gallery.load();
  assert.deepEqual(persons(await gallery.nearest(query)), []);
});

test('while a gallery is loaded its faces are not searched', { timeout }, async () => {
  const { feed, gallery } = openHeld();
  const read = feed.hold('contents');
  const load = gallery.load();
  await read.reached;
  assert.equal(await gallery.nearest(query), undefined);
  read.end();
  await Promise.all([load, gallery.load()]);
  assert.deepEqual(persons(await gallery.nearest(query)), ['p']);
  assert.equal(feed.calls.filter((call) => call === 'contents').length, 1);
});

test('a search that began before a gallery is dropped finds everybody, and one that begins after does not look there', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = openHeld();
  await gallery.load();
  const look = feed.hold('since');
  feed.write(...registration('q', 2));
  const search = gallery.nearest(query);
  await look.reached;
  const drop = gallery.drop();
  await setImmediate();
  assert.equal(await gallery.nearest(query), undefined);
  assert.deepEqual(await filed(faces), ['p'], 'the search still needs it');
  look.end();
  assert.deepEqual(persons(await search), ['p', 'q']);
  await drop;
  assert.deepEqual(await filed(faces), []);
});

test('what is written while a gallery is dropped is not filed afterwards', { timeout }, async () => {
  const { feed, faces, gallery } = openHeld();
  await gallery.load();
  const look = feed.hold('since');
  feed.write(...registration('q', 2));
  const write = gallery.follow();
  await look.reached;
  const drop = gallery.drop();
  look.end();
  await Promise.all([write, drop]);
  await gallery.follow();
  assert.deepEqual(await filed(faces), []);
});

test('a gallery that missed changes is dropped when the searches under way have ended, and then loaded anew', {
  timeout,
}, async () => {
  const { feed, faces, gallery, lost } = openHeld();
  await gallery.load();
  const { nearest } = faces;
  const found = Promise.withResolvers<[]>();
  faces.nearest = () => found.promise;
  const search = gallery.nearest(query);
  await setImmediate();
  faces.nearest = nearest;
  feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  await feed.prune(5);
  assert.equal(await gallery.nearest(query), undefined);
  assert.equal(await gallery.nearest(query), undefined);
  assert.deepEqual(
    lost.map((error) => error instanceof FeedTruncated),
    [true],
  );
  const load = gallery.load();
  await setImmediate();
  assert.deepEqual(await filed(faces), ['p']);
  found.resolve([]);
  await Promise.all([search, load]);
  assert.deepEqual(persons(await gallery.nearest(query)), ['q']);
});

test('a gallery that has grown beyond its room is dropped, and the write that found it so is answered', {
  timeout,
}, async () => {
  const { feed, faces, gallery, lost } = openHeld();
  await gallery.load();
  faces.apply = async () => {
    throw new IndexFull();
  };
  feed.write(...registration('q', 2));
  await gallery.follow();
  await gallery.settled();
  assert.deepEqual([await filed(faces), gallery.isOut], [[], true]);
  assert.equal(lost.length, 1);
});

test('a failure to follow is told, and changes nothing', { timeout }, async () => {
  const { feed, gallery, lost } = openHeld();
  await gallery.load();
  feed.write(...registration('q', 2));
  feed.fail('since', failure);
  await assert.rejects(gallery.follow(), failure);
  feed.fail('since', failure);
  await assert.rejects(gallery.nearest(query), failure);
  assert.deepEqual(persons(await gallery.nearest(query)), ['p', 'q']);
  assert.deepEqual(lost, []);
});

test('a gallery that is closed while it is loaded reads nothing more', { timeout }, async () => {
  const { feed, faces, gallery } = openHeld();
  for (let i = 2; i < 8; i++) feed.write(...registration(`p${i}`, i));
  let batches = 0;
  faces.apply = async () => {
    batches += 1;
  };
  const read = feed.hold('contents');
  const load = assert.rejects(gallery.load(), /is closed/);
  await read.reached;
  const closed = gallery.close();
  read.end();
  await Promise.all([load, closed]);
  assert.ok(!feed.calls.includes('since'));
  assert.ok(batches <= 2, `${batches} of 14`);
});
