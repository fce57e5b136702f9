/** Opens an index: the memory, the threads, and a gallery for each appid. */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { byTime } from '../concurrency/fairness.ts';
import type { GalleryQuery, Match } from '../domain/gallery.ts';
import type { GallerySize, RegistryChange } from '../sync/change-feed.ts';
import { loadKernel } from '../wasm/load.ts';
import type { Index, IndexSize, SearchActivity, SearchGallery } from './gallery.ts';
import { GalleryState } from './gallery-state.ts';
import { strideOf } from './kernel.ts';
import { layOut } from './layout.ts';
import { People } from './people.ts';
import { ScanPool } from './pool.ts';
import { type Amounts, needOfGallery, sumOf } from './room.ts';
import { Rows } from './rows.ts';
import { hasUnitLength, probesMax, type Shared, scratchBytes } from './scan.ts';
import { ScanIds } from './scan-ids.ts';
import type { ScanTarget } from './scan-job.ts';
import { SliceLock } from './slice-lock.ts';
import { type Grain, grain as usualGrain } from './span.ts';
import { type StartThread, startWorker } from './threads.ts';

/** How an index is opened. */
export interface IndexOptions {
  /** Length of every embedding, from 1. */
  readonly dimension: number;
  /** How many threads search; one a core by default. */
  readonly threads?: number | undefined;
  /** The most bytes of memory that faces, persons and memberships may take; as much as can be addressed by default. */
  readonly bytesMax?: number | (() => number) | undefined;
  /** Called with a fault that costs only speed: a thread that searches has ended and is replaced. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** What tests replace. */
export interface IndexParts {
  /** Starts the threads that search. */
  readonly startThread?: StartThread | undefined;
  /** The most that the index holds. */
  readonly most?: Partial<Amounts> | undefined;
  /** How many scans have numbers of their own. */
  readonly scanIds?: number | undefined;
  /** How finely scans are divided. */
  readonly grain?: Grain | undefined;
  /** Tells how long scans take, in milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/**
 * Opens an empty index. It holds as many faces as have the first half of their bytes in 4 GiB: 4 million of 512
 * elements, 1.6 million of 1280; and 134 million persons, and as many memberships beside each person's first.
 * @throws Error if a thread does not start.
 */
export async function openIndex(
  { dimension, threads = availableParallelism(), bytesMax, onFault = () => {} }: IndexOptions,
  { startThread = startWorker, most = {}, scanIds, grain = usualGrain, now }: IndexParts = {},
): Promise<Index> {
  const rows = new Rows(layOut(dimension, threads, scratchBytes(strideOf(dimension))), most.blocks);
  const people = new People(rows, most, bytesMax);
  const ids = new ScanIds(people.seenBy, scanIds);
  const fairness = byTime<ScanTarget>(now);
  const pool = new ScanPool({ shared: share(rows, people), ids, grain, threads, startThread, fairness, onFault });
  try {
    await pool.ready();
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
  return new OpenIndex(people, pool);
}

function share(rows: Rows, people: People): Shared {
  return {
    layout: rows.layout,
    module: loadKernel('scan'),
    memory: rows.memory,
    lower: rows.lower.buffer,
    faceIds: rows.faceIds.buffer,
    owners: rows.owners.buffer,
    firstRow: people.firstRow.buffer,
    nextRow: people.nextRow.buffer,
    homes: people.homes.buffer,
    seenBy: people.seenBy.buffer,
  };
}

class OpenIndex implements Index {
  readonly #people: People;
  readonly #pool: ScanPool;
  readonly #galleries = new Map<string, OpenGallery>();

  constructor(people: People, pool: ScanPool) {
    this.#people = people;
    this.#pool = pool;
  }

  get dimension(): number {
    return this.#people.rows.layout.dimension;
  }

  of(appid: string): SearchGallery {
    const known = this.#galleries.get(appid);
    if (known !== undefined) return known;
    const gallery = new OpenGallery(this.#people, this.#pool);
    this.#galleries.set(appid, gallery);
    return gallery;
  }

  size(): IndexSize {
    return { faces: this.#people.faces, persons: this.#people.persons, sharedBytes: this.#people.bytes };
  }

  activity(): SearchActivity {
    return this.#pool.activity();
  }

  hasRoomFor(size: GallerySize, spare?: Amounts): boolean {
    return this.#people.hasRoom(needOfGallery(size), spare);
  }

  amountsOf(appids: readonly string[]): Amounts {
    return sumOf(appids.flatMap((appid) => this.#galleries.get(appid)?.amounts ?? []));
  }

  check(): void {
    this.#pool.check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}

class OpenGallery implements SearchGallery {
  readonly #people: People;
  readonly #pool: ScanPool;
  readonly #target: ScanTarget;

  constructor(people: People, pool: ScanPool) {
    this.#people = people;
    this.#pool = pool;
    const state = new GalleryState(people, (faceId) => pool.touch(this.#target, faceId));
    this.#target = { state, lock: new SliceLock() };
  }

  async apply(changes: readonly RegistryChange[]): Promise<void> {
    const { state, lock } = this.#target;
    await lock.change(() => state.apply(changes));
  }

  get amounts(): Amounts {
    return this.#target.state.amounts;
  }

  async clear(): Promise<void> {
    const { state, lock } = this.#target;
    const parts = state.clear();
    for (let isEmpty = false; !isEmpty; await setImmediate()) {
      await lock.change(() => {
        isEmpty = parts.next().done === true;
      });
    }
  }

  async nearest({ probes, groupIds, count, signal }: GalleryQuery): Promise<readonly (readonly Match[])[]> {
    signal?.throwIfAborted();
    for (const probe of probes) assertProbe(probe, this.#people.rows.layout.dimension);
    if (!(Number.isInteger(count) && count >= 1)) throw new RangeError('a search is for 1 person or more');
    const request = { target: this.#target, groupIds, count };
    const scans = slices(probes, probesMax).map((some) => this.#pool.run(request, some, signal));
    return (await Promise.all(scans)).flat();
  }
}

function assertProbe(probe: Float32Array, dimension: number): void {
  if (probe.length !== dimension) throw new RangeError(`a probe has ${dimension} elements`);
  if (!hasUnitLength(probe)) throw new RangeError('a probe has length 1');
}

function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
