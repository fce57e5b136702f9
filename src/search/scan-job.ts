/** One scan from its first slice to its answer; changes may come between the slices. */

import type { Match } from '../domain/gallery.ts';
import type { GalleryState } from './gallery-state.ts';
import type { InnerProduct } from './inner-product.ts';
import type { Group } from './people.ts';
import type { ScanOrder } from './scan.ts';
import type { SliceLock } from './slice-lock.ts';
import { type Grain, type Progress, progressOf, shareCount, spanOf } from './span.ts';
import { type Found, TopK } from './top-k.ts';

/** A scan lets changes in until they have touched this many faces, each of which the main thread looks at in the end. */
const touchedMax = 512;

/** What is scanned. */
export interface ScanTarget {
  readonly state: GalleryState;
  readonly lock: SliceLock;
}

/** A search that waits, or is under way. */
export interface PendingSearch {
  /** When it was asked for, in milliseconds of `performance.now()`; undefined once it has begun. */
  askedAt: number | undefined;
  readonly probes: readonly Float32Array[];
  readonly signal: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<readonly (readonly Match[])[]>;
}

/** What to scan for. */
export interface ScanRequest {
  readonly target: ScanTarget;
  readonly groupIds: readonly string[];
  readonly count: number;
}

/**
 * Searches of the same groups, which one scan answers. It goes on in slices, between which changes are made.
 *
 * Faces that no change touches lie where they lay, and so are scored once, in one slice or another. A touched face is
 * one that came, went, moved, or whose person's groups changed: it may have been scored twice, or not, or may be gone.
 * So what was found of touched faces is dropped in the end, and those that are still there are scored then. Only when
 * one that was found is less than it was, there may be others that it had kept away: then the scan is made again, and
 * lets no change in.
 */
export class ScanJob {
  readonly request: ScanRequest;
  readonly #grain: Grain;
  readonly searches: PendingSearch[] = [];
  /** How many more threads may begin the slice. */
  begin = 0;
  /** How many threads have begun the slice and not ended. */
  running = 0;
  /** Of each time that it began anew because a thread had died, why that was. */
  readonly losses: unknown[] = [];
  #order: ScanOrder | undefined;
  #done = new Map<Group, Progress>();
  #found: (readonly (readonly Found[])[])[] = [];
  #touched = new Set<bigint>();
  /** Whether it lets no change in. */
  #alone = false;
  /** Of each thread that died in the slice under way, why that was. */
  #deaths: unknown[] = [];

  constructor(request: ScanRequest, grain: Grain) {
    this.request = request;
    this.#grain = grain;
  }

  /** Whether nothing of it has been scanned. */
  get isNew(): boolean {
    return this.#order === undefined && this.#found.length === 0;
  }

  /** What the threads are told of the slice under way; undefined between slices. */
  get order(): ScanOrder | undefined {
    return this.#order;
  }

  /**
   * Begins a slice.
   * @param id of the order: the same for all slices of a scan.
   * @returns into how many shares its work is divided.
   */
  open(id: number): number {
    const { target, groupIds, count } = this.request;
    const spans = target.state.find(groupIds).map((group) => spanOf(group, this.#done.get(group)));
    this.#order = {
      id,
      probes: this.searches.flatMap(({ probes }) => probes),
      count,
      spans,
      grain: this.#grain,
      cursor: new SharedArrayBuffer(4),
      halt: this.#alone ? undefined : target.lock.halt,
    };
    return shareCount(spans, this.#grain);
  }

  /** Takes what a thread found. */
  take(found: readonly (readonly Found[])[]): void {
    this.#found.push(found);
  }

  /** Tells that a thread has died: what it had taken of the slice is not scanned. */
  lose(error: unknown): void {
    this.#deaths.push(error);
  }

  /** Ends the slice. @returns whether it was the last; if a thread died in it, the scan begins anew. */
  close(): boolean {
    if (this.#deaths.length > 0) {
      this.losses.push(this.#deaths[0]);
      this.#deaths = [];
      this.#order = undefined;
      this.#beginAnew();
      return false;
    }
    const { spans, cursor } = this.#order!;
    const taken = Atomics.load(new Int32Array(cursor), 0);
    const groups = this.#groups();
    progressOf(spans, taken, this.#grain).forEach((progress, i) => {
      this.#done.set(groups[i]!, progress);
    });
    this.#order = undefined;
    return taken >= shareCount(spans, this.#grain);
  }

  /** Tells of a face that a change touches. */
  touch(faceId: bigint): void {
    this.#touched.add(faceId);
    if (this.#touched.size >= touchedMax) this.#alone = true;
  }

  /** The answers, a list for each probe of each search; undefined if it has to be made again. */
  answer(product: InnerProduct): readonly (readonly Match[])[] | undefined {
    const probes = this.searches.flatMap((search) => search.probes);
    const lists = probes.map((probe, p) => this.#best(probe, p, product));
    if (!lists.includes(undefined)) return lists as readonly (readonly Match[])[];
    this.#beginAnew();
    this.#alone = true;
    return undefined;
  }

  #beginAnew(): void {
    this.#done.clear();
    this.#touched.clear();
    this.#found = [];
  }

  #best(probe: Float32Array, p: number, product: InnerProduct): readonly Match[] | undefined {
    const { state } = this.request.target;
    const best = new TopK(this.request.count);
    const touched = new Map<bigint, Found>();
    const groups = new Set(this.#groups());
    for (const faceId of this.#touched) {
      const person = state.personIn(groups, faceId);
      if (person === 0) continue;
      const face = { person, faceId, cosine: state.cosine(faceId, probe, product) };
      touched.set(faceId, face);
      best.offer(face);
    }
    for (const face of this.#found.flatMap((lists) => lists[p]!)) {
      const now = this.#touched.has(face.faceId) ? touched.get(face.faceId) : face;
      if (now?.person !== face.person || now.cosine < face.cosine) return undefined;
      best.offer(now);
    }
    return best.found.map(({ person, faceId }) => ({ personId: state.nameOf(person), faceId: `${faceId}` }));
  }

  #groups(): readonly Group[] {
    return this.request.target.state.find(this.request.groupIds);
  }
}
