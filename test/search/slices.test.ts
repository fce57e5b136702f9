/** Searches are exact although changes are made between the slices of their scans. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import type { SearchGallery } from '../../src/search/gallery.ts';
import { probesMax } from '../../src/search/scan.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join, leave, removeFace, removePerson } from './changes.ts';
import { History } from './history.ts';
import { openStepped, type SteppedThreads } from './stepped.ts';
import { picture, stranger } from './vectors.ts';

const dimension = 8;

/** As many probes as a scan takes, so that slices are as short as they get: 1024 rows, or 128 secondary members. */
function repeat(probes: readonly Float32Array[]): readonly Float32Array[] {
  return Array.from({ length: probesMax }, (_, i) => probes[i % probes.length]!);
}

/** Makes a change as soon as the slice under way has ended. */
async function changeBetween(
  gallery: SearchGallery,
  threads: SteppedThreads,
  changes: readonly RegistryChange[],
): Promise<void> {
  const changing = gallery.apply(changes);
  if (threads.busy !== undefined) threads.step();
  await changing;
}

test('a batch of changes is seen whole or not at all, wherever the scan has come to', async () => {
  const random = createRandom(9);
  const { index, threads } = await openStepped(dimension);
  const wanted = stranger(random, dimension);
  const first: RegistryChange[] = [...join('someone', 'large', 'small'), ...crowd('large', 1000)];
  // Two thirds of the group live in it, the others are secondary members from a larger one.
  for (let i = 1; i <= 2000; i++) {
    first.push(...join(`${i}`, ...(i % 3 === 0 ? ['large', 'mixed'] : ['mixed'])));
    first.push(face(i, `${i}`, stranger(random, dimension)));
  }
  first.push(...['g', 'h'].flatMap((name, i) => [...join(name, 'large'), face(-2 - i, name, wanted)]));
  const batches: Record<string, readonly RegistryChange[]> = {
    'two who are new': [...join('x', 'small'), ...join('y', 'mixed'), face(-8, 'x', wanted), face(-9, 'y', wanted)],
    'two who were elsewhere': [...join('g', 'small'), ...join('h', 'mixed')],
  };
  for (const [who, batch] of Object.entries(batches)) {
    let slices = 0;
    for (let isUnderWay = true; isUnderWay; slices++) {
      const gallery = index.of(`${who}, slice ${slices}`);
      await gallery.apply(first);
      const search = gallery.nearest({ probes: repeat([wanted]), groupIds: ['small', 'mixed'], count: 2 });
      for (let slice = 0; slice < slices; slice++) await changeBetween(gallery, threads, []);
      isUnderWay = threads.busy !== undefined;
      await changeBetween(gallery, threads, batch);
      threads.finish();
      const hits = (await search)[0]!.filter(({ personId }) =>
        batch.some((change) => 'personId' in change && change.personId === personId),
      );
      assert.ok(hits.length === 0 || hits.length === 2, `${who}, slice ${slices}: ${hits.length}`);
    }
    assert.ok(slices > 5);
  }
});

/** So many that a scan takes many slices. */
const crowdSize = 2500;
const hotFaces = 60;
const hot = (i: number): string => `hot-${i}`;

/** A random gallery, and random changes of it, most of which are about the few persons whom searches look for. */
class Story {
  readonly #random = createRandom(5);
  readonly #wanted = Array.from({ length: 3 }, () => stranger(this.#random, dimension));

  /** What the gallery begins with. */
  first(): readonly RegistryChange[] {
    const first: RegistryChange[] = [];
    for (let i = 1; i <= 12; i++) first.push(...join(`crowd-${i}`, 'a'));
    // Half of those who matter lie before the others, where slices begin, and half behind them, where gaps are filled from.
    first.push(...this.#fileHot(0));
    for (let i = 1; i <= crowdSize; i++) {
      const personId = `crowd-${i >> 1}`;
      if (i % 2 === 0) first.push(...join(personId, 'a'));
      if (i % 3 !== 0) first.push(...join(personId, 'b'));
      first.push(face(i, personId, stranger(this.#random, dimension)));
    }
    first.push(...this.#fileHot(12));
    for (const i of [3, 4, 20]) first.push(...join(hot(i), 'c'));
    return first;
  }

  changes(): readonly RegistryChange[] {
    return Array.from({ length: 1 + this.#below(3) }, () => this.#change()).flat();
  }

  query(): GalleryQuery {
    const { near } = this;
    const some = this.#below(2) === 0 ? [near()] : [near(), stranger(this.#random, dimension), near()];
    return { probes: repeat(some), groupIds: this.#of([['a'], ['b'], ['c', 'b'], ['b', 'a', 'c']]), count: 10 };
  }

  readonly near = (): Float32Array => picture(this.#random, this.#of(this.#wanted), 0.05);

  #change(): readonly RegistryChange[] {
    const isHot = this.#below(10) > 0;
    const personId = isHot ? hot(this.#below(24)) : `crowd-${this.#below(crowdSize / 2)}`;
    const groupId = this.#of(['b', 'b', 'c', 'c', 'a']);
    const faceId = this.#below(hotFaces) - hotFaces;
    return this.#of([
      () => [face(faceId, hot(this.#below(24)), this.near())],
      () => join(personId, groupId),
      () => leave(personId, groupId),
      () => [this.#below(2) === 0 ? removePerson(personId) : removeFace(faceId)],
    ])();
  }

  #fileHot(from: number): readonly RegistryChange[] {
    return Array.from({ length: 12 }, (_, i) => [
      ...join(hot(from + i), 'a', 'b'),
      ...[from + i, from + i + 24].map((id) => face(id - hotFaces, hot(from + i), this.near())),
    ]).flat();
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #of<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }
}

test('a search that changes come between finds what is right before, between or after them, to the last bit', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  const story = new Story();
  const first = story.first();
  await gallery.apply(first);
  const history = new History();
  const { changes: batches, searches } = history;
  let between = 0;
  for (let round = 0; round < 60; round++) {
    const query = story.query();
    const from = batches.length;
    const search = gallery.nearest(query);
    for (let i = 0; i < 3; i++) {
      if (threads.busy !== undefined) between += 1;
      const changes = story.changes();
      batches.push(changes);
      await changeBetween(gallery, threads, changes);
    }
    threads.finish();
    searches.push({ query, from, to: batches.length, found: await search });
  }
  assert.ok(between > 150, `${between} changes were made while searches were under way`);
  await history.check(first);
});
