/** Searches are exact although changes are made between the slices of their scans. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Candidate, Change, Query } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import { createRandom } from '../random.ts';
import { Oracle } from './oracle.ts';
import { picture, stranger } from './vectors.ts';

const dimension = 8;
/** So many that one thread scans them in several slices. */
const crowdSize = 50_000;

interface Search {
  readonly query: Query;
  /** How many changes had been made when it was asked for, and how many had been asked for when it was answered. */
  readonly from: number;
  readonly to: number;
  readonly found: readonly (readonly Candidate[])[];
}

/** A history of one gallery: its first state, and what was asked of it then. */
class History {
  readonly changes: (readonly Change[])[] = [];
  readonly searches: Search[] = [];
  made = 0;

  /** Asserts that each search found what is right after one of the changes that it could see, and after those before. */
  async check(first: readonly Change[]): Promise<void> {
    const oracle = new Oracle();
    await oracle.apply(first);
    const right = new Set<Search>();
    for (let version = 0; version <= this.changes.length; version++) {
      if (version > 0) await oracle.apply(this.changes[version - 1]!);
      for (const search of this.searches) {
        if (right.has(search) || version < search.from || version > search.to) continue;
        if (isDeepStrictEqual(await oracle.nearest(search.query), search.found)) right.add(search);
      }
    }
    assert.equal(right.size, this.searches.length);
  }
}

test('a batch of changes is seen whole or not at all, wherever the scan has come to', async () => {
  const random = createRandom(9);
  await using index = await openIndex({ dimension, threads: 1 });
  const wanted = stranger(random, dimension);
  const face = (id: number, personId: string, embedding: Float32Array): Change => ({
    kind: 'insertFace',
    faceId: BigInt(id),
    personId,
    embedding,
  });
  const join = (personId: string, groupId: string): Change => ({ kind: 'joinGroup', personId, groupId });
  const known = ['g', 'h'].flatMap((personId, i) => [join(personId, 'large'), face(-2 - i, personId, wanted)]);
  const batches: Record<string, readonly Change[]> = {
    'two who are new': ['x', 'y'].flatMap((id, i) => [join(id, i === 0 ? 'small' : 'mixed'), face(-8 - i, id, wanted)]),
    'two who were elsewhere': [join('g', 'small'), join('h', 'mixed')],
  };
  for (const [who, batch] of Object.entries(batches)) {
    const gallery = index.of(who);
    const crowd: Change[] = [join('someone', 'small'), face(-1, 'someone', stranger(random, dimension))];
    for (let i = 1; i <= 80_000; i++) {
      // Half of the group live in it, half are secondary members from a larger one.
      if (i % 2 === 0) crowd.push(join(`${i}`, 'large'));
      crowd.push(join(`${i}`, 'mixed'), face(i, `${i}`, stranger(random, dimension)));
    }
    for (let i = 0; i < 50_000; i++) crowd.push(join(`more-${i}`, 'large'));
    await gallery.apply([...crowd.slice(-50_000), ...crowd.slice(0, -50_000), join('2', 'small'), ...known]);
    const searching = gallery.nearest({ probes: [wanted], groupIds: ['small', 'mixed'], count: 2 });
    const changing = gallery.apply(batch).then(() => 'changed');
    const first = await Promise.race([changing, searching]);
    assert.equal(first, 'changed', 'the change came between');
    const hits = (await searching)[0]!.filter(({ cosine }) => cosine > 0.9999);
    assert.ok(hits.length === 0 || hits.length === 2, `${who}: ${hits.length}`);
  }
});

test('a search that changes come between finds what is right before, between or after them, to the last bit', async () => {
  const random = createRandom(5);
  await using index = await openIndex({ dimension, threads: 1 });
  const gallery = index.of('1');
  const wanted = Array.from({ length: 3 }, () => stranger(random, dimension));
  const near = (): Float32Array => picture(random, wanted[Math.floor(random() * wanted.length)]!, 0.05);
  const someGroup = (): string => ['b', 'b', 'c', 'c', 'a'][Math.floor(random() * 5)]!;
  const searched = [['a'], ['b'], ['c', 'b'], ['b', 'a', 'c']];
  const insert = (face: number, personId: string, embedding: Float32Array): Change => ({
    kind: 'insertFace',
    faceId: BigInt(face),
    personId,
    embedding,
  });
  const first: Change[] = [];
  const hotFaces = 60;
  const hot = (i: number): string => `hot-${i}`;
  const hotPerson = (): string => hot(Math.floor(random() * 24));
  // Half of those who matter lie before the others, where slices begin, and half behind them, where gaps are filled from.
  const fileHot = (from: number): void => {
    for (let i = from; i < from + 12; i++) {
      for (const groupId of ['a', 'b']) first.push({ kind: 'joinGroup', personId: hot(i), groupId });
      for (const face of [i, i + 24]) first.push(insert(face - hotFaces, hot(i), near()));
    }
  };
  for (let face = 1; face <= 12; face++) first.push({ kind: 'joinGroup', personId: `crowd-${face}`, groupId: 'a' });
  fileHot(0);
  for (let face = 1; face <= crowdSize; face++) {
    const personId = `crowd-${face >> 1}`;
    if (face % 2 === 0) first.push({ kind: 'joinGroup', personId, groupId: 'a' });
    if (face % 3 !== 0) first.push({ kind: 'joinGroup', personId, groupId: 'b' });
    first.push(insert(face, personId, stranger(random, dimension)));
  }
  fileHot(12);
  for (const i of [3, 4, 20]) first.push({ kind: 'joinGroup', personId: hot(i), groupId: 'c' });
  await gallery.apply(first);

  const someChange = (): Change => {
    const personId = random() < 0.9 ? hotPerson() : `crowd-${Math.floor((random() * crowdSize) / 2)}`;
    const kind = Math.floor(random() * 8);
    if (kind <= 1) return insert(Math.floor(random() * hotFaces) - hotFaces, hotPerson(), near());
    if (kind <= 3) return { kind: 'joinGroup', personId, groupId: someGroup() };
    if (kind <= 5) return { kind: 'leaveGroup', personId, groupId: someGroup() };
    if (kind === 6) return { kind: 'removePerson', personId };
    return { kind: 'removeFace', faceId: BigInt(Math.floor(random() * hotFaces) - hotFaces) };
  };
  const history = new History();
  const change = async (): Promise<void> => {
    const changes = Array.from({ length: 1 + Math.floor(random() * 3) }, someChange);
    history.changes.push(changes);
    await gallery.apply(changes);
    history.made += 1;
  };
  const search = async (): Promise<void> => {
    const probes = random() < 0.5 ? [near()] : [near(), stranger(random, dimension), near()];
    const query = { probes, groupIds: searched[Math.floor(random() * searched.length)]!, count: 10 };
    const from = history.made;
    const found = await gallery.nearest(query);
    history.searches.push({ query, from, to: history.changes.length, found });
  };
  let changesBetween = 0;
  for (let round = 0; round < 60; round++) {
    const before = history.made;
    const searching = search().then(() => {
      changesBetween += history.made - before;
    });
    for (let i = 0; i < 3; i++) await change();
    await searching;
  }
  assert.ok(changesBetween > 60, `${changesBetween} changes were made while searches were under way`);
  await history.check(first);
});
