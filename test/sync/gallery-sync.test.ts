/** A search finds all that was written before it, whatever fails or is under way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WrittenChanges } from '../../src/sync/change-feed.ts';
import { embedding, type MemoryFeed, registration } from './memory-feed.ts';
import { failure, filed, open, timeout } from './one-gallery.ts';

/** How often the feed was read for changes. */
function looks({ calls }: MemoryFeed): number {
  return calls.filter((call) => call === 'since').length;
}

test('whoever asks while a pass is under way finds what was written after that pass had read', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const pass = feed.hold('since');
  const first = gallery.catchUp();
  await pass.reached;
  feed.write(...registration('q', 2));
  const second = gallery.catchUp();
  pass.end();
  await second;
  assert.deepEqual(await filed(faces), ['p', 'q']);
  await first;
});

test('however many ask while a pass is under way, one more serves them all', { timeout }, async () => {
  const { feed, gallery } = open();
  await gallery.catchUp();
  const pass = feed.hold('since');
  const before = looks(feed);
  const first = gallery.catchUp();
  await pass.reached;
  const others = Array.from({ length: 5 }, () => gallery.catchUp());
  pass.end();
  await Promise.all([first, ...others]);
  assert.equal(looks(feed), before + 2);
});

test('a pass that fails is told to those who waited for it, and not to those who come after', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const pass = feed.hold('since');
  const first = assert.rejects(gallery.catchUp(), failure);
  await pass.reached;
  feed.write(...registration('q', 2));
  const second = gallery.catchUp();
  pass.end(failure);
  await first;
  await second;
  assert.deepEqual(await filed(faces), ['p', 'q']);
  await gallery.catchUp();
});

test('changes that could not be filed are filed by the next pass', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  const { apply } = faces;
  faces.apply = async () => {
    faces.apply = apply;
    throw failure;
  };
  await assert.rejects(gallery.catchUp(), failure);
  await gallery.catchUp();
  assert.deepEqual(await filed(faces), ['p', 'q']);
});

/** Writes a registration as this process does, and what it tells of it. */
function written(feed: MemoryFeed, personId: string, number: number): WrittenChanges {
  const changes = registration(personId, number);
  const position = feed.write(...changes);
  return { from: position - changes.length, batch: () => ({ position, changes, isLast: true }) };
}

test('what this process wrote is filed without being read', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const before = looks(feed);
  await gallery.see(written(feed, 'q', 2));
  await gallery.see(written(feed, 'r', 3));
  assert.equal(looks(feed), before);
  assert.deepEqual(await filed(faces), ['p', 'q', 'r']);
  assert.equal(gallery.position, await feed.position());
});

test('what this process wrote is read from the feed if others wrote before it, or a pass is under way', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  await gallery.see(written(feed, 'r', 3));
  assert.deepEqual(await filed(faces), ['p', 'q', 'r']);
  const pass = feed.hold('since');
  const first = gallery.catchUp();
  await pass.reached;
  const second = gallery.see(written(feed, 's', 4));
  assert.deepEqual(await filed(faces), ['p', 'q', 'r'], 'what is under way has its turn first');
  pass.end();
  await Promise.all([first, second]);
  assert.deepEqual(await filed(faces), ['p', 'q', 'r', 's']);
  assert.equal(gallery.position, await feed.position());
  // A pass that will read it, and what came after it.
  const third = gallery.catchUp();
  const own = written(feed, 't', 5);
  feed.write(...registration('u', 6));
  await Promise.all([third, gallery.see(own)]);
  assert.deepEqual(await filed(faces), ['p', 'q', 'r', 's', 't', 'u']);
  assert.equal(gallery.position, await feed.position(), 'what was seen is not forgotten');
});

test('a change that comes while everything is loaded is not missed', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  const load = feed.hold('contents');
  const loading = gallery.catchUp();
  await load.reached;
  feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  load.end();
  await loading;
  assert.deepEqual(await filed(faces), ['q']);
});

test('what has been seen is not read or filed again', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  faces.apply = async () => assert.fail('nothing has changed');
  await gallery.catchUp();
  assert.deepEqual(feed.calls, ['position', 'contents', 'since', 'since']);
});

test('a search finds what was written before it, as the domain names it', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  const { signal } = new AbortController();
  const asked: unknown[] = [];
  const { nearest } = faces;
  faces.nearest = (query) => {
    asked.push(query);
    return nearest.call(faces, query);
  };
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  const query = { probes: [embedding(2), embedding(1)], groupIds: ['g', 'h'], count: 1, signal };
  assert.deepEqual(await gallery.nearest(query), [[{ personId: 'q', faceId: '2' }], [{ personId: 'p', faceId: '1' }]]);
  assert.deepEqual(asked, [query]);
});
