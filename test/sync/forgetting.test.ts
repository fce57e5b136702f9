/** No change is forgotten before it was seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FeedTruncated, GallerySync } from '../../src/sync/gallery-sync.ts';
import { Oracle } from '../search/oracle.ts';
import { MemoryFeed, model, registration } from './memory-feed.ts';
import { failure, filed, open, timeout } from './one-gallery.ts';

test('changes that were forgotten before they were seen are told, not passed over', { timeout }, async () => {
  const { feed, gallery } = open();
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  await feed.prune(3);
  await assert.rejects(gallery.catchUp(), FeedTruncated);
});

test('a gallery that missed changes is emptied when the searches under way have ended, and then filed anew', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const { nearest } = faces;
  const found = Promise.withResolvers<[]>();
  faces.nearest = () => found.promise;
  const search = gallery.nearest({ probes: [], groupIds: [], count: 1, signal: new AbortController().signal });
  await setImmediate();
  faces.nearest = nearest;
  feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  await feed.prune(5);
  const pass = assert.rejects(gallery.catchUp(), FeedTruncated);
  await setImmediate();
  assert.deepEqual(await filed(faces), ['p']);
  found.resolve([]);
  await Promise.all([search, pass]);
  assert.deepEqual(await filed(faces), []);
  await gallery.catchUp();
  assert.deepEqual(await filed(faces), ['q']);
});

test('a database that was put back in time is followed from there, and its changes are forgotten', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  feed.write(...registration('q', 2));
  await gallery.catchUp();
  for (let round = 0; round < 2; round++) await gallery.prune();
  feed.putBack(2);
  await assert.rejects(gallery.catchUp(), FeedTruncated);
  await gallery.catchUp();
  assert.deepEqual(await filed(faces), ['p']);
  for (let round = 0; round < 2; round++) await gallery.prune();
  assert.equal(feed.forgotten, 2);
});

test('a change is forgotten by the second call after it was seen, and no other', { timeout }, async () => {
  const { feed, gallery } = open();
  const prune = async () => {
    await gallery.prune();
    return feed.forgotten;
  };
  assert.deepEqual([await prune(), await prune(), await prune()], [0, 0, 0], 'nothing is seen yet');
  await gallery.catchUp();
  assert.deepEqual([await prune(), await prune()], [0, 2]);
  feed.write(...registration('q', 2));
  assert.deepEqual([await prune(), await prune()], [2, 2], 'what is written is not yet seen');
  await gallery.catchUp();
  feed.write(...registration('r', 3));
  assert.deepEqual([await prune(), await prune(), await prune()], [2, 4, 4]);
  assert.equal(feed.calls.filter((call) => call === 'prune').length, 2, 'nothing is forgotten twice');
});

test('changes that could not be forgotten are forgotten later', { timeout }, async () => {
  const feed = new MemoryFeed();
  feed.write({ kind: 'removePerson', personId: 'p' });
  const gallery = new GallerySync(feed, new Oracle(), model);
  await gallery.catchUp();
  await gallery.prune();
  feed.fail('prune', failure);
  await assert.rejects(gallery.prune(), failure);
  assert.equal(feed.forgotten, 0);
  await gallery.prune();
  assert.equal(feed.forgotten, 1);
});
