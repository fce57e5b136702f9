/** A process whose index follows registries that others write, too. */
import assert from 'node:assert/strict';
import type { GalleryQuery, Match } from '../../src/domain/gallery.ts';
import { type Index, IndexFull, type SearchGallery } from '../../src/search/gallery.ts';
import type { Amounts } from '../../src/search/room.ts';
import type { GallerySize, RegistryChange } from '../../src/sync/change-feed.ts';
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
  readonly #facesMax: number;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #indexes = new Set<MemoryIndex>();
  #sync: IndexSync | undefined;
  #notice: (appid: string) => Promise<void> = async () => {};
  #isReady = false;

  /**
   * @param isCalm whether nothing fails and no process is slow, so that an index is never built anew.
   * @param facesMax how many faces its index holds.
   */
  constructor(
    schedule: Schedule,
    name: string,
    registries: ReadonlyMap<string, SharedRegistry>,
    isCalm: boolean,
    facesMax: number,
  ) {
    this.name = name;
    this.#schedule = schedule;
    this.#registries = registries;
    this.#isCalm = isCalm && facesMax === Number.POSITIVE_INFINITY;
    this.#facesMax = facesMax;
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
      try {
        const { signal } = new AbortController();
        return await this.#sync.galleryOf(appid).nearest({ ...query, signal });
      } catch (error) {
        if (error instanceof AccessFailed) return undefined;
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
        searchOf: (appid) => this.#registries.get(appid)!.searched(this.#schedule, this.name),
        countFaces: async () => 0,
        watch: (notice) => {
          this.#notice = notice;
        },
      },
      analyzer: { model: 'a model', dimension: 2 },
      now: () => this.#schedule.clock.now,
      openIndex: () => access(this.#schedule, this.name, 'open an index', () => this.#openIndex()),
      onFault: (error) => assert.ok(!this.#isCalm, String(error)),
    });
  }

  #openIndex(): Index {
    const index = new MemoryIndex(this.#schedule, this.name, this.#facesMax, () => this.#indexes.delete(index));
    this.#indexes.add(index);
    return index;
  }

  async #inFlight<T>(work: () => Promise<T>): Promise<T> {
    const call = work();
    this.#calls.add(call);
    return call.finally(() => this.#calls.delete(call));
  }
}

/** Whose faces there are in a gallery after changes. */
function ownersAfter(owners: ReadonlyMap<string, string>, changes: readonly RegistryChange[]): Map<string, string> {
  const after = new Map(owners);
  for (const change of changes) {
    if (change.kind === 'insertFace') after.set(change.faceId, change.personId);
    else if (change.kind === 'removeFace') after.delete(change.faceId);
    else if (change.kind === 'removePerson')
      for (const [faceId, personId] of after) if (personId === change.personId) after.delete(faceId);
  }
  return after;
}

/** An index that is plainly right, and as slow as the schedule says. */
class MemoryIndex implements Index {
  readonly dimension = 2;
  readonly activity = () => ({ begun: 0, waitedMs: 0, waiting: 0 });
  readonly #schedule: Schedule;
  readonly #who: string;
  readonly #onClosed: () => void;
  readonly #galleries = new Map<string, SearchGallery>();
  /** By face, for each gallery. */
  readonly #owners = new Map<string, ReadonlyMap<string, string>>();
  readonly #facesMax: number;
  #isClosed = false;

  constructor(schedule: Schedule, who: string, facesMax: number, onClosed: () => void) {
    this.#facesMax = facesMax;
    this.#schedule = schedule;
    this.#who = who;
    this.#onClosed = onClosed;
  }

  of(appid: string): SearchGallery {
    const known = this.#galleries.get(appid);
    if (known !== undefined) return known;
    const oracle = new Oracle();
    const gallery: SearchGallery = {
      apply: (changes) =>
        access(this.#schedule, this.#who, 'file changes', () => {
          this.#take(appid, changes);
          return oracle.apply(changes);
        }),
      clear: async () => {
        // In two parts, as searches may find it.
        const persons = [...new Set(this.#owners.get(appid)?.values())];
        for (const some of [persons.slice(1), persons.slice(0, 1)]) {
          await this.#schedule.point(this.#who, 'empty a gallery');
          await oracle.apply(some.map((personId) => ({ kind: 'removePerson', personId })));
        }
        await oracle.clear();
        this.#owners.delete(appid);
      },
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

  hasRoomFor({ faces }: GallerySize, spare?: Amounts) {
    return this.size().faces - (spare?.blocks ?? 0) + faces <= this.#facesMax;
  }

  /** Faces count as blocks. */
  amountsOf(asked: readonly string[]) {
    const blocks = asked.reduce((sum, appid) => sum + (this.#owners.get(appid)?.size ?? 0), 0);
    return { blocks, persons: 0, secondaries: 0 };
  }

  check() {}

  size() {
    const faces = [...this.#owners.values()].reduce((sum, { size }) => sum + size, 0);
    return { faces, persons: 0, sharedBytes: 0 };
  }

  /** Notes whose faces are filed. As in a real index, what changes give back does not count for what they take. */
  #take(appid: string, changes: readonly RegistryChange[]): void {
    const insertions = changes.filter(({ kind }) => kind === 'insertFace').length;
    if (insertions > 0 && this.size().faces + insertions > this.#facesMax) throw new IndexFull();
    this.#owners.set(appid, ownersAfter(this.#owners.get(appid) ?? new Map(), changes));
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
