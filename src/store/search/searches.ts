/** Searches in the database for all appids: those that are alike share one reading of the rows, and appids take turns. */
import { availableParallelism } from 'node:os';
import type { Kysely } from 'kysely';
import { byTime } from '../../concurrency/fairness.ts';
import { createSemaphore, type Semaphore } from '../../concurrency/semaphore.ts';
import type { GalleryQuery, Match } from '../../domain/gallery.ts';
import { orStorageFailed } from '../access.ts';
import type { Database } from '../database.ts';
import { DamagedValueError } from '../encryption/cipher.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import type { Tables } from '../tables.ts';
import type { Lists, SearchOrder } from './order.ts';
import { SearchThreads } from './threads.ts';

/** Probes that share one reading, at most. */
const probesMax = 64;
/** How often a search is made anew because the data key was encrypted anew meanwhile. */
const attemptsMax = 3;

type Matches = readonly (readonly Match[])[];

/** A search that waits, or is under way. */
interface Pending {
  readonly probes: readonly Float32Array[];
  readonly signal: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<Matches>;
}

/** Searches that are alike. */
interface Shared {
  readonly pending: Pending[];
  /** One 32-bit number: 1 once nobody waits any more. */
  readonly given: Int32Array<SharedArrayBuffer>;
}

/** Searches of a database. */
export class DatabaseSearches implements AsyncDisposable {
  readonly #database: Pick<Database, 'reader'>;
  readonly #dataKeys: DataKeys;
  readonly #threads: SearchThreads;
  readonly #turns: Semaphore;
  /** Those that wait for their turn, by what is alike. */
  readonly #waiting = new Map<string, Shared>();

  constructor(database: Pick<Database, 'reader' | 'source'>, dataKeys: DataKeys) {
    this.#database = database;
    this.#dataKeys = dataKeys;
    this.#threads = new SearchThreads(() => database.source());
    this.#turns = createSemaphore(availableParallelism(), Number.POSITIVE_INFINITY, undefined, byTime());
  }

  /** As `nearest` of the port to searches of the database says. */
  async nearest(appid: string, { probes, groupIds, count, signal }: GalleryQuery, model: string): Promise<Matches> {
    signal?.throwIfAborted();
    const asked = [...new Set(groupIds)];
    const parts: Promise<Matches>[] = [];
    for (let i = 0; i < probes.length; i += probesMax) {
      parts.push(this.#join({ appid, groupIds: asked, model, count }, probes.slice(i, i + probesMax), signal));
    }
    return (await Promise.all(parts)).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads[Symbol.asyncDispose]();
  }

  /** Joins searches that wait and are alike, or is the first of them. */
  async #join(alike: Alike, probes: readonly Float32Array[], signal: AbortSignal | undefined): Promise<Matches> {
    const search: Pending = { probes, signal, outcome: Promise.withResolvers() };
    const name = JSON.stringify(alike);
    const known = this.#waiting.get(name);
    const isJoined = known !== undefined && countOf(known.pending) + probes.length <= probesMax;
    const shared = isJoined ? known : { pending: [], given: new Int32Array(new SharedArrayBuffer(4)) };
    shared.pending.push(search);
    const abort = (): void => {
      search.outcome.reject(signal?.reason);
      if (shared.pending.every((other) => other.signal?.aborted)) Atomics.store(shared.given, 0, 1);
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (!isJoined) {
      this.#waiting.set(name, shared);
      void this.#run(name, alike, shared);
    }
    return search.outcome.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  async #run(name: string, alike: Alike, shared: Shared): Promise<void> {
    try {
      using _turn = await this.#turns.acquire(undefined, alike.appid);
      // Whoever comes now must see what is written from now on.
      if (this.#waiting.get(name) === shared) this.#waiting.delete(name);
      if (Atomics.load(shared.given, 0) !== 0) return;
      const probes = shared.pending.flatMap((search) => search.probes);
      settle(shared.pending, await orStorageFailed(this.#search(alike, probes, shared.given.buffer)));
    } catch (error) {
      for (const { outcome } of shared.pending) outcome.reject(error);
    }
  }

  async #search(alike: Alike, probes: readonly Float32Array[], given: SharedArrayBuffer): Promise<Lists> {
    for (let attempt = 1; ; attempt++) {
      const wrapped = await wrappedOf(this.#database.reader, alike.appid);
      // An appid that was ended has no faces any more.
      if (wrapped === undefined) return probes.map(() => []);
      const order: SearchOrder = { ...alike, probes, given, wrapped, key: this.#dataKeys.open(alike.appid, wrapped) };
      const answer = await this.#threads.perform(order);
      if ('lists' in answer) return answer.lists;
      if ('damaged' in answer) throw new DamagedValueError(answer.damaged);
      if ('error' in answer) throw answer.error;
      if (answer.ended === 'given up' || attempt === attemptsMax)
        throw new Error(`a search has ended: ${answer.ended}`);
    }
  }
}

/** What searches have in common that share one reading. */
type Alike = Pick<SearchOrder, 'appid' | 'groupIds' | 'model' | 'count'>;

async function wrappedOf(db: Kysely<Tables>, appid: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('data_keys').select('wrapped').where('appid', '=', appid).executeTakeFirst();
  return row?.wrapped;
}

function countOf(pending: readonly Pending[]): number {
  return pending.reduce((sum, { probes }) => sum + probes.length, 0);
}

/** Gives each search its lists, which follow each other. */
function settle(pending: readonly Pending[], lists: Lists): void {
  let from = 0;
  for (const { probes, outcome } of pending) {
    const own = lists.slice(from, from + probes.length);
    outcome.resolve(own.map((found) => found.map(({ person, faceId }) => ({ personId: person, faceId: `${faceId}` }))));
    from += probes.length;
  }
}
