/** No change is forgotten before it was seen, or is needed no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeedTruncated } from '../../src/sync/gallery-sync.ts';
import { registration } from './memory-feed.ts';
import { failure, filed, open, openHeld, timeout } from './one-gallery.ts';

test('changes that were forgotten before they were seen are told, not passed over', { timeout }, async () => {
  const { feed, gallery } = open();
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  await feed.prune(3);
  await assert.rejects(gallery.catchUp(), FeedTruncated);
});

test('a database that was put back in time is followed from there, and its changes are forgotten', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = openHeld();
  feed.write(...registration('q', 2));
  await gallery.load();
  for (let round = 0; round < 2; round++) await gallery.prune();
  feed.putBack(2);
  await gallery.follow();
  await gallery.load();
  assert.deepEqual(await filed(faces), ['p']);
  for (let round = 0; round < 2; round++) await gallery.prune();
  assert.equal(feed.forgotten, 2);
});

test('a change is forgotten by the second call after it was seen, and no other', { timeout }, async () => {
  const { feed, gallery } = openHeld();
  const prune = async () => {
    await gallery.prune();
    return feed.forgotten;
  };
  await gallery.load();
  assert.deepEqual([await prune(), await prune()], [0, 2]);
  feed.write(...registration('q', 2));
  assert.deepEqual([await prune(), await prune()], [2, 2], 'what is written is not yet seen');
  await gallery.follow();
  feed.write(...registration('r', 3));
  assert.deepEqual([await prune(), await prune(), await prune()], [2, 4, 4]);
  assert.equal(feed.calls.filter((call) => call === 'prune').length, 2, 'nothing is forgotten twice');
});

test('changes of what is not in memory are forgotten by the second call after they were made', {
  timeout,
}, async () => {
  const { feed, gallery } = openHeld();
  const prune = async () => {
    await gallery.prune();
    return feed.forgotten;
  };
  assert.deepEqual([await prune(), await prune()], [0, 2]);
  feed.write(...registration('q', 2));
  assert.deepEqual([await prune(), await prune()], [2, 4]);
});

test('no change is forgotten while the registry is read into memory', { timeout }, async () => {
  const { feed, gallery, faces } = openHeld();
  await gallery.prune();
  const read = feed.hold('contents');
  const load = gallery.load();
  await read.reached;
  feed.write({ kind: 'removePerson', personId: 'p' });
  for (let round = 0; round < 3; round++) await gallery.prune();
  assert.equal(feed.forgotten, 0);
  read.end();
  await load;
  assert.deepEqual(await filed(faces), []);
});

test('changes that could not be forgotten are forgotten later', { timeout }, async () => {
  const { feed, gallery } = openHeld();
  await gallery.load();
  await gallery.prune();
  feed.fail('prune', failure);
  await assert.rejects(gallery.prune(), failure);
  assert.equal(feed.forgotten, 0);
  await gallery.prune();
  assert.equal(feed.forgotten, 2);
});
