/** A process whose index follows registries that others write, too. */
import assert from 'node:assert/strict';
import type { GalleryQuery, Match } from '../../src/domain/gallery.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { type IndexSync, openIndexSync } from '../../src/sync/index-sync.ts';
import { Oracle } from '../search/oracle.ts';
import { AccessFailed, access, type SharedRegistry } from './registry.ts';
import type { Schedule } from './schedule.ts';

/** How often a process looks for what others have written, in milliseconds. */
export const roundMs = 60_000;

/** Whose registries there are; of one that nobody has written to, the stores know nothing. */
export const appids = ['1', '2'];

/** A process that can be started again and again. */
export class SyncProcess {
  readonly name: string;
  readonly #schedule: Schedule;
  readonly #registries: ReadonlyMap<string, SharedRegistry>;
  readonly #isCalm: boolean;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #indexes = new Set<MemoryIndex>();
  #sync: IndexSync | undefined;
  #notice: (appid: string) => Promise<void> = async () => {};
  #isReady = false;

  /** @param isCalm whether nothing fails and no process is slow, so that an index is never built anew. */
  constructor(schedule: Schedule, name: string, registries: ReadonlyMap<string, SharedRegistry>, isCalm: boolean) {
    this.name = name;
    this.#schedule = schedule;
    this.#registries = registries;
    this.#isCalm = isCalm;
  }

  /** Starts it; again if it does not become ready. */
  async start(): Promise<void> {
    while (!this.#isReady) {
      try {
        this.#sync = await this.#open();
        await this.#sync.ready;
        this.#isReady = true;
      } catch (error) {
        assert.ok(error instanceof AccessFailed, String(error));
        await this.stop();
      }
    }
  }

  /** Waits for the calls in flight and stops it, as a server does. */
  async stop(): Promise<void> {
    const sync = this.#sync;
    this.#sync = undefined;
    this.#isReady = false;
    await Promise.all(this.#calls);
    await sync?.[Symbol.asyncDispose]();
    assert.equal(this.#indexes.size, 0, `${this.name} leaves an index open`);
  }

  /** Tells that it has written; nothing happens while it is stopped. */
  notice(appid: string): Promise<void> {
    return this.#inFlight(async () => {
      if (this.#sync !== undefined) await this.#notice(appid);
    });
  }

  /** What it finds; undefined if it is stopped, or may not be able to tell. */
  search(appid: string, query: GalleryQuery): Promise<readonly (readonly Match[])[] | undefined> {
    return this.#inFlight(async () => {
      if (this.#sync === undefined) return undefined;
      const isReady = this.#isReady;
      try {
        const { signal } = new AbortController();
        return await this.#sync.galleryOf(appid).nearest({ ...query, signal });
      } catch (error) {
        const isRefused = error instanceof Refusal && error.refusal === 'unavailable';
        if (error instanceof AccessFailed || (isRefused && !(isReady && this.#isCalm))) return undefined;
        throw error;
      }
    });
  }

  /** @throws Error if it says that it cannot answer searches. */
  check(): void {
    this.#sync?.check();
  }

  #open(): Promise<IndexSync> {
    const feedOf = (appid: string) => this.#registries.get(appid)!.feed(this.#schedule, this.name);
    const written = () => appids.filter((appid) => this.#registries.get(appid)!.transactions.length > 0);
    return openIndexSync({
      stores: {
        appids: () => access(this.#schedule, this.name, 'list the appids', written),
        feedOf,
        countFaces: async () => 0,
        watch: (notice) => {
          this.#notice = notice;
        },
      },
      analyzer: { model: 'a model', dimension: 2 },
      openIndex: () => access(this.#schedule, this.name, 'open an index', () => this.#openIndex()),
      onFault: (error) => assert.ok(!this.#isCalm, String(error)),
    });
  }

  #openIndex(): Index {
    const index = new MemoryIndex(this.#schedule, this.name, () => this.#indexes.delete(index));
    this.#indexes.add(index);
    return index;
  }

  async #inFlight<T>(work: () => Promise<T>): Promise<T> {
    const call = work();
    this.#calls.add(call);
    return call.finally(() => this.#calls.delete(call));
  }
}

/** An index that is plainly right, and as slow as the schedule says. */
class MemoryIndex implements Index {
  readonly dimension = 2;
  readonly #schedule: Schedule;
  readonly #who: string;
  readonly #onClosed: () => void;
  readonly #galleries = new Map<string, SearchGallery>();
  #isClosed = false;

  constructor(schedule: Schedule, who: string, onClosed: () => void) {
    this.#schedule = schedule;
    this.#who = who;
    this.#onClosed = onClosed;
  }

  of(appid: string): SearchGallery {
    const known = this.#galleries.get(appid);
    if (known !== undefined) return known;
    const oracle = new Oracle();
    const gallery: SearchGallery = {
      apply: (changes) => access(this.#schedule, this.#who, 'file changes', () => oracle.apply(changes)),
      nearest: async (query) => {
        this.#refuseIfClosed();
        const found = await access(this.#schedule, this.#who, 'search', () => oracle.nearest(query));
        this.#refuseIfClosed();
        return found;
      },
    };
    this.#galleries.set(appid, gallery);
    return gallery;
  }

  check() {}

  size() {
    return { faces: 0, persons: 0, sharedBytes: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#schedule.point(this.#who, 'close an index');
    this.#onClosed();
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new Error('the index is closed');
  }
}
