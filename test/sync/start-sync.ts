/** How tests keep an index in step with feeds in memory: with a real index, and a clock of their own. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { SearchPlace } from '../../src/domain/gallery.ts';
import { type IndexSync, type IndexSyncOptions, openIndexSync } from '../../src/sync/index-sync.ts';
import { dimension, embedding, MemoryFeed, MemoryFeeds, model, registration } from './memory-feed.ts';

/** How long a round takes, in milliseconds. */
export const roundMs = 60_000;

/** A failure of storage. */
export const failure = new Error('the disk does not answer');

/** An index that is kept in step with feeds that are the test's. */
export interface Synced {
  readonly sync: IndexSync;
  readonly stores: MemoryFeeds;
  /** The feed of appid 1, in which one person is registered; of 2, likewise. */
  readonly feeds: readonly [MemoryFeed, MemoryFeed];
  /** What the sync told of. */
  readonly faults: unknown[];
  /** Lets so much time pass, and everything be done then that does not wait for a thread or for the test. */
  readonly pass: (ms: number) => Promise<void>;
  /** Lets a round begin, and everything be done in it that does not wait for a thread or for the test. */
  readonly goRound: () => Promise<void>;
  /** Who is found, of appid 1 or another. */
  readonly found: (appid?: string) => Promise<readonly string[]>;
  /** Where somebody is searched for. */
  readonly place: (appid?: string) => Promise<SearchPlace | undefined>;
}

/** Makes feeds and begins to keep an index in step with them; `prepare` has the feeds before. */
export async function startSync(
  t: TestContext,
  prepare: (feeds: readonly [MemoryFeed, MemoryFeed], stores: MemoryFeeds) => void = () => {},
  options: Partial<IndexSyncOptions> = {},
): Promise<Synced> {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const feeds = [new MemoryFeed(), new MemoryFeed()] as const;
  for (const feed of feeds) feed.write(...registration('p', 1));
  const stores = new MemoryFeeds({ 1: feeds[0], 2: feeds[1] });
  prepare(feeds, stores);
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const sync = await openIndexSync({ stores, analyzer: { model, dimension }, onFault, ...options });
  sync.ready.catch(() => {});
  t.after(async () => {
    for (const feed of feeds) feed.release();
    await sync[Symbol.asyncDispose]();
  });
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms);
    await setImmediate();
  };
  const search = async (appid: string) => {
    const { signal } = new AbortController();
    let place: SearchPlace | undefined;
    const onSearched = (where: SearchPlace): void => {
      place = where;
    };
    const query = { probes: [embedding(0)], groupIds: ['g'], count: 10, signal, onSearched };
    const [list] = await sync.galleryOf(appid).nearest(query);
    return { place, persons: list!.map(({ personId }) => personId).sort() };
  };
  return {
    sync,
    stores,
    feeds,
    faults,
    pass,
    goRound: () => pass(roundMs),
    found: async (appid = '1') => (await search(appid)).persons,
    place: async (appid = '1') => (await search(appid)).place,
  };
}

/** Waits for what is done behind a call that has been answered. */
export async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; !(await isTrue()); turns++) {
    assert.ok(turns < 1_000, 'it never comes true');
    await setImmediate();
  }
}
