/** Divides scans among threads: each scan uses all of them, and searches of the same groups share one scan. */

import type { Fairness } from '../concurrency/fairness.ts';
import type { Match } from '../domain/gallery.ts';
import type { SearchActivity } from './gallery.ts';
import { InnerProduct } from './inner-product.ts';
import type { Shared } from './scan.ts';
import type { ScanIds } from './scan-ids.ts';
import { type PendingSearch, ScanJob, type ScanRequest, type ScanTarget } from './scan-job.ts';
import type { Grain } from './span.ts';
import { ThreadSupervisor } from './supervisor.ts';
import type { ScanThread, StartThread } from './threads.ts';
import type { Found } from './top-k.ts';

/** How many probes of searches that are alike go into one scan. */
const probesShared = 16;

/** How often a scan may lose threads before it is given up: it may be the scan that kills them. */
const lossesMax = 1;

/** What a pool is made of. */
export interface PoolParts {
  readonly shared: Shared;
  readonly ids: ScanIds;
  readonly grain: Grain;
  readonly threads: number;
  readonly startThread: StartThread;
  /** Which gallery is next of those that wait. */
  readonly fairness: Fairness<ScanTarget>;
  /** Called with the reason when a thread has ended. */
  readonly onFault: (error: unknown) => void;
}

type Lists = readonly (readonly Match[])[];

/** The threads that scan. A scan that a thread has died of is made again, once. */
export class ScanPool implements AsyncDisposable {
  readonly #threads: ThreadSupervisor;
  readonly #product: InnerProduct;
  readonly #idle: ScanThread[] = [];
  /** Those whose slice may begin, or more threads begin it. */
  readonly #waiting: ScanJob[] = [];
  readonly #running = new Map<ScanThread, ScanJob>();
  readonly #fairness: Fairness<ScanTarget>;
  /** Every scan that is not answered. */
  readonly #jobs = new Map<ScanJob, number>();
  readonly #ids: ScanIds;
  readonly #grain: Grain;
  readonly #onFault: (error: unknown) => void;
  #closed: Error | undefined;
  #begun = 0;
  #waitedMs = 0;

  constructor({ shared, ids, grain, threads, startThread, fairness, onFault }: PoolParts) {
    this.#fairness = fairness;
    this.#ids = ids;
    this.#grain = grain;
    this.#onFault = onFault;
    this.#product = new InnerProduct(shared.layout);
    this.#threads = new ThreadSupervisor(shared, threads, startThread, {
      started: (thread) => {
        this.#idle.push(thread);
        this.#begin();
      },
      found: (thread, lists) => this.#end(thread, lists),
      lost: (thread, error) => this.#lose(thread, error),
    });
  }

  /** Resolves when every thread runs; rejects if one does not start. */
  ready(): Promise<void> {
    return this.#threads.ready();
  }

  /** @throws Error while a thread is missing. */
  check(): void {
    this.#threads.check();
  }

  /**
   * The best persons for each probe.
   * @param probes at most {@link import('./scan.ts').probesMax}.
   */
  async run(request: ScanRequest, probes: readonly Float32Array[], signal?: AbortSignal): Promise<Lists> {
    if (this.#closed !== undefined) throw this.#closed;
    const { outage } = this.#threads;
    if (outage !== undefined) throw outage;
    const search: PendingSearch = { askedAt: performance.now(), probes, signal, outcome: Promise.withResolvers() };
    const alike = this.#waiting.find(
      (job) => job.isNew && isAlike(job.request, request) && hasRoom(job, probes.length),
    );
    const job = alike ?? new ScanJob(request, this.#grain);
    job.searches.push(search);
    if (alike === undefined) this.#waiting.push(job);
    this.#begin();
    return search.outcome.promise;
  }

  /** How searches wait to begin. */
  activity(): SearchActivity {
    const waiting = this.#waiting.flatMap(({ searches }) => searches.filter(({ askedAt }) => askedAt !== undefined));
    return { begun: this.#begun, waitedMs: this.#waitedMs, waiting: waiting.length };
  }

  /** Tells of a face that a change of a gallery touches. */
  touch(target: ScanTarget, faceId: bigint): void {
    for (const job of this.#jobs.keys()) if (job.request.target === target) job.touch(faceId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(new Error('the index is closed'));
    await this.#threads[Symbol.asyncDispose]();
  }

  /** Gives idle threads work. */
  #begin(): void {
    while (this.#idle.length > 0) {
      const job = this.#next();
      if (job === undefined) return;
      if (job.order === undefined) this.#open(job);
      if (job.begin > 0) {
        const thread = this.#idle.pop()!;
        this.#running.set(thread, job);
        job.running += 1;
        job.begin -= 1;
        thread.scan(job.order!);
      }
      if (job.begin === 0) this.#waiting.splice(this.#waiting.indexOf(job), 1);
    }
  }

  /** What goes on, and else of the galleries that wait the one that is next; none while changes of it wait. */
  #next(): ScanJob | undefined {
    const free = this.#waiting.filter(({ request }) => request.target.lock.isFree);
    const ranks = free.map(({ request }) => this.#fairness.rankOf(request.target));
    return free.find((job) => !job.isNew) ?? free[ranks.indexOf(Math.min(...ranks))];
  }

  /** Begins a slice; searches given up before the first are dropped. */
  #open(job: ScanJob): void {
    if (job.isNew) dropAborted(job.searches);
    if (job.searches.length === 0) return;
    this.#noteBegun(job.searches);
    const id = this.#jobs.get(job) ?? this.#ids.next();
    this.#jobs.set(job, id);
    job.begin = Math.max(1, Math.min(this.#threads.count, Math.floor(job.open(id) / this.#grain.sharesPerThread)));
    job.request.target.lock.begin();
    this.#fairness.begun(job.request.target, true);
  }

  #noteBegun(searches: readonly PendingSearch[]): void {
    const now = performance.now();
    for (const search of searches) {
      if (search.askedAt === undefined) continue;
      this.#begun += 1;
      this.#waitedMs += now - search.askedAt;
      search.askedAt = undefined;
    }
  }

  #end(thread: ScanThread, found: readonly (readonly Found[])[]): void {
    const job = this.#running.get(thread);
    if (job === undefined) return;
    this.#idle.push(thread);
    job.take(found);
    this.#leave(thread, job);
    this.#begin();
  }

  /** A thread has ended, or could not be started. */
  #lose(thread: ScanThread | undefined, error: unknown): void {
    this.#onFault(error);
    if (thread !== undefined) this.#dismiss(thread, error);
    const { outage } = this.#threads;
    if (outage === undefined) this.#begin();
    else for (const waiting of this.#waiting.splice(0)) this.#reject(waiting, outage);
  }

  /** What a thread that has ended had taken of a slice is not scanned, and nobody knows how much it was. */
  #dismiss(thread: ScanThread, error: unknown): void {
    const idle = this.#idle.indexOf(thread);
    if (idle !== -1) this.#idle.splice(idle, 1);
    const job = this.#running.get(thread);
    if (job === undefined) return;
    job.lose(error);
    this.#leave(thread, job);
  }

  /** A thread has no more to do with a slice; the last one ends it. */
  #leave(thread: ScanThread, job: ScanJob): void {
    this.#running.delete(thread);
    job.running -= 1;
    // A thread ends when no more shares are to be taken: what has not begun by then need not.
    job.begin = 0;
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    if (job.running === 0) this.#endSlice(job);
  }

  /** Ends a slice, and the scan if it was the last one; then changes that wait are made. */
  #endSlice(job: ScanJob): void {
    const lists = job.close() ? job.answer(this.#product) : undefined;
    if (job.losses.length > lossesMax) this.#reject(job, job.losses.at(-1));
    // One that begins anew gets another number: persons are marked as seen by the old one.
    if (lists !== undefined || job.isNew) this.#jobs.delete(job);
    if (lists !== undefined) settle(job.searches, lists);
    else if (job.searches.length > 0) this.#waiting.unshift(job);
    this.#fairness.ended(job.request.target);
    job.request.target.lock.end();
  }

  /** Answers the searches of a scan with an error; a slice that is under way goes on for nobody. */
  #reject(job: ScanJob, error: unknown): void {
    for (const { outcome } of job.searches.splice(0)) outcome.reject(error);
    if (job.running === 0) this.#jobs.delete(job);
  }

  /** Answers every search with an error, and lets changes in. */
  #close(error: Error): void {
    this.#closed = error;
    const open = [...this.#jobs.keys()].filter(({ order }) => order !== undefined);
    for (const job of [...this.#waiting, ...this.#jobs.keys()]) this.#reject(job, error);
    this.#waiting.length = 0;
    this.#running.clear();
    this.#jobs.clear();
    for (const { request } of open) request.target.lock.end();
  }
}

function isAlike(one: ScanRequest, other: ScanRequest): boolean {
  return (
    one.target === other.target &&
    one.count === other.count &&
    one.groupIds.length === other.groupIds.length &&
    one.groupIds.every((id, i) => id === other.groupIds[i])
  );
}

function hasRoom({ searches }: ScanJob, probes: number): boolean {
  return searches.reduce((sum, search) => sum + search.probes.length, probes) <= probesShared;
}

/** Gives each search its lists, which follow each other. */
function settle(asks: readonly PendingSearch[], lists: Lists): void {
  let from = 0;
  for (const { probes, outcome } of asks) {
    outcome.resolve(lists.slice(from, from + probes.length));
    from += probes.length;
  }
}

function dropAborted(asks: PendingSearch[]): void {
  for (const { signal, outcome } of asks) if (signal?.aborted) outcome.reject(signal.reason);
  asks.splice(0, asks.length, ...asks.filter(({ signal }) => !signal?.aborted));
}
