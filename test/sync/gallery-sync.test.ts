/** A search finds all that was written before it, whatever fails or is under way; and no change is forgotten unseen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { IndexFull } from '../../src/search/gallery.ts';
import { FeedTruncated, GallerySync } from '../../src/sync/gallery-sync.ts';
import { hold } from '../hold.ts';
import { Oracle } from '../search/oracle.ts';
import { embedding, MemoryFeed, model, registration } from './memory-feed.ts';

const timeout = 5_000;
const failure = new Error('the disk does not answer');

/** A feed with one person, the faces that follow it, and the gallery between them, which has seen nothing yet. */
function open() {
  const feed = new MemoryFeed();
  feed.write(...registration('p', 1));
  const faces = new Oracle();
  return { feed, faces, gallery: new GallerySync(feed, faces, model) };
}

/** Who is filed, without a look at what else there is. */
async function filed(faces: Oracle): Promise<readonly string[]> {
  const [list] = await faces.nearest({ probes: [embedding(0)], groupIds: ['g'], count: 10 });
  return list!.map(({ personId }) => personId).sort();
}

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

for (const call of ['position', 'contents', 'since'] as const) {
  test(`a load whose ${call} fails begins anew and files everything`, { timeout }, async () => {
    const { feed, faces, gallery } = open();
    feed.fail(call, failure);
    await assert.rejects(gallery.catchUp(), failure);
    await gallery.catchUp();
    assert.deepEqual(await filed(faces), ['p']);
  });
}

test('a load whose filing fails begins anew and files everything', { timeout }, async () => {
  const { faces, gallery } = open();
  const { apply } = faces;
  faces.apply = async () => {
    faces.apply = apply;
    throw failure;
  };
  await assert.rejects(gallery.catchUp(), failure);
  await gallery.catchUp();
  assert.deepEqual(await filed(faces), ['p']);
});

test('who leaves a group after a load that failed is not found in it by the next one', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  feed.fail('contents', failure);
  await assert.rejects(gallery.catchUp(), failure);
  feed.write({ kind: 'leaveGroup', personId: 'p', groupId: 'g' });
  await gallery.catchUp();
  assert.deepEqual(await filed(faces), []);
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

test('what has been seen is not read or filed again', { timeout }, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  faces.apply = async () => assert.fail('nothing has changed');
  await gallery.catchUp();
  assert.deepEqual(feed.calls, ['position', 'contents', 'since', 'since']);
});

test('changes that were forgotten before they were seen are told, not passed over', { timeout }, async () => {
  const { feed, gallery } = open();
  await gallery.catchUp();
  feed.write(...registration('q', 2));
  await feed.prune(3);
  await assert.rejects(gallery.catchUp(), FeedTruncated);
  await assert.rejects(
    gallery.nearest({ probes: [], groupIds: [], count: 1, signal: new AbortController().signal }),
    FeedTruncated,
  );
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

test('changes that are made in steps, because the index is full, are made while nobody searches', {
  timeout,
}, async () => {
  const { feed, faces, gallery } = open();
  await gallery.catchUp();
  const held = Promise.withResolvers<void>();
  const { nearest, apply } = faces;
  faces.nearest = async (query) => {
    await held.promise;
    return nearest.call(faces, query);
  };
  const { signal } = new AbortController();
  const search = gallery.nearest({ probes: [embedding(1)], groupIds: ['g'], count: 1, signal });
  await setImmediate();
  feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  const steps: number[] = [];
  faces.apply = async (changes) => {
    if (steps.push(changes.length) === 1) throw new IndexFull();
    return apply.call(faces, changes);
  };
  const pass = gallery.catchUp();
  await setImmediate();
  assert.deepEqual(steps, [3], 'the search is under way');
  held.resolve();
  await pass;
  assert.deepEqual(steps, [3, 2, 0, 2]);
  assert.deepEqual(await search, [[{ personId: 'p', faceId: '1' }]]);
  assert.deepEqual(await filed(faces), ['q']);
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

test('many changes wait for the searches under way', { timeout }, async () => {
  const { feed, faces, gallery } = open();
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
  feed.write(...Array.from({ length: 600 }, (_, i) => registration(`p${i}`, i + 2)).flat());
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
});
