/** Divides scans among threads: each scan uses all of them, and searches of the same groups share one scan. */

import type { Match } from '../domain/gallery.ts';
import { InnerProduct } from './inner-product.ts';
import type { Shared } from './scan.ts';
import type { ScanIds } from './scan-ids.ts';
import { type PendingSearch, ScanJob, type ScanRequest, type ScanTarget } from './scan-job.ts';
import type { Grain } from './span.ts';
import type { ScanThread, StartThread } from './threads.ts';
import type { Found } from './top-k.ts';

/** How many probes of searches that are alike go into one scan. */
const probesShared = 16;

type Lists = readonly (readonly Match[])[];

/** The threads that scan. */
export class ScanPool implements AsyncDisposable {
  readonly #threads: readonly ScanThread[];
  readonly #product: InnerProduct;
  readonly #idle: ScanThread[];
  /** Those whose slice may begin, or more threads begin it. */
  readonly #waiting: ScanJob[] = [];
  readonly #running = new Map<ScanThread, ScanJob>();
  /** Every scan that is not answered. */
  readonly #jobs = new Map<ScanJob, number>();
  readonly #ids: ScanIds;
  readonly #grain: Grain;
  #failure: { readonly error: unknown } | undefined;

  constructor(shared: Shared, ids: ScanIds, grain: Grain, threads: number, start: StartThread) {
    this.#ids = ids;
    this.#grain = grain;
    this.#product = new InnerProduct(shared.layout);
    this.#threads = Array.from({ length: threads }, (_, number) => {
      const thread = start(
        { shared, thread: number },
        { found: (lists) => this.#end(thread, lists), failed: (error) => this.#fail(error) },
      );
      return thread;
    });
    this.#idle = [...this.#threads];
  }

  /** Resolves when every thread runs; rejects if one does not start. */
  async ready(): Promise<void> {
    await Promise.all(this.#threads.map(({ ready }) => ready));
  }

  /**
   * The best persons for each probe.
   * @param probes at most {@link import('./scan.ts').probesMax}.
   */
  async run(request: ScanRequest, probes: readonly Float32Array[], signal?: AbortSignal): Promise<Lists> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const search: PendingSearch = { probes, signal, outcome: Promise.withResolvers() };
    const alike = this.#waiting.find(
      (job) => job.isNew && isAlike(job.request, request) && hasRoom(job, probes.length),
    );
    const job = alike ?? new ScanJob(request, this.#grain);
    job.searches.push(search);
    if (alike === undefined) this.#waiting.push(job);
    this.#begin();
    return search.outcome.promise;
  }

  /** Tells of a face that a change of a gallery touches. */
  touch(target: ScanTarget, faceId: bigint): void {
    for (const job of this.#jobs.keys()) if (job.request.target === target) job.touch(faceId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error('the index is closed'));
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  /** Gives idle threads work. */
  #begin(): void {
    while (this.#idle.length > 0) {
      const job = this.#waiting.find(({ request }) => request.target.lock.isFree);
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

  /** Begins a slice; searches given up before the first are dropped. */
  #open(job: ScanJob): void {
    if (job.isNew) dropAborted(job.searches);
    if (job.searches.length === 0) return;
    const id = this.#jobs.get(job) ?? this.#ids.next();
    this.#jobs.set(job, id);
    job.begin = Math.max(1, Math.min(this.#threads.length, Math.floor(job.open(id) / this.#grain.sharesPerThread)));
    job.request.target.lock.begin();
  }

  #end(thread: ScanThread, found: readonly (readonly Found[])[]): void {
    const job = this.#running.get(thread);
    if (job === undefined) return;
    this.#running.delete(thread);
    this.#idle.push(thread);
    job.take(found);
    job.running -= 1;
    // A thread ends when no more shares are to be taken: what has not begun by then need not.
    job.begin = 0;
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    if (job.running === 0) this.#close(job);
    this.#begin();
  }

  /** Ends a slice, and the scan if it was the last one; then changes that wait are made. */
  #close(job: ScanJob): void {
    const lists = job.close() ? this.#answer(job) : undefined;
    if (lists === undefined) this.#waiting.unshift(job);
    else settle(job.searches, lists);
    job.request.target.lock.end();
  }

  #answer(job: ScanJob): Lists | undefined {
    // Whether it is answered or begins anew: what has been scanned so far is of no more use.
    this.#jobs.delete(job);
    return job.answer(this.#product);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    const open = [...this.#jobs.keys()].filter(({ order }) => order !== undefined);
    for (const { searches } of [...this.#waiting, ...this.#jobs.keys()]) {
      for (const { outcome } of searches) outcome.reject(this.#failure.error);
    }
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
