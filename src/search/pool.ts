/** Knows how searches are shared out among threads: each to all of them, those alike in one scan. */
import { Worker } from 'node:worker_threads';
import { Best, type Found } from './best.ts';
import type { Group } from './people.ts';
import { type Order, probesMax, type Shared, type Span, shareCount } from './scan.ts';
import type { ThreadOptions } from './scan-thread.ts';

/** Fewer shares than this are not worth another thread's while. */
const sharesPerThread = 4;

type Lists = readonly (readonly Found[])[];

/** A search that waits, or is under way. */
interface Ask {
  readonly probes: readonly Float32Array[];
  readonly signal: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<Lists>;
}

/** Searches of the same groups, which one scan answers. */
interface Job {
  readonly key: string;
  readonly groups: readonly Group[];
  readonly count: number;
  asks: Ask[];
  /** Undefined until the first thread begins. */
  order: Order | undefined;
  /** How many more threads may begin. */
  begin: number;
  /** How many threads have begun and not ended. */
  running: number;
  readonly lists: Lists[];
}

/** The threads that scan. The groups of a search must not change until it is answered. */
export class ScanPool implements AsyncDisposable {
  readonly #workers: readonly Worker[];
  readonly #faceIds: () => BigInt64Array;
  readonly #idle: Worker[];
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Worker, Job>();
  #lastId = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param faceIds by row, as they are now. */
  constructor(shared: Shared, threads: number, faceIds: () => BigInt64Array) {
    this.#faceIds = faceIds;
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const workerData: ThreadOptions = { shared, thread };
      const worker = new Worker(new URL('./scan-thread.ts', import.meta.url), { workerData });
      worker.on('message', (lists: Lists) => this.#end(worker, lists));
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', () => this.#fail(new Error('a thread that searches has ended')));
      return worker;
    });
    this.#idle = [...this.#workers];
  }

  /** Resolves when every thread runs. */
  async ready(): Promise<void> {
    const online = this.#workers.map((worker) => new Promise((resolve) => worker.once('online', resolve)));
    await Promise.all(online);
  }

  /**
   * The best persons for each probe.
   * @param probes at most {@link probesMax}.
   */
  async run(
    groups: readonly Group[],
    probes: readonly Float32Array[],
    count: number,
    signal?: AbortSignal,
  ): Promise<Lists> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const ask: Ask = { probes, signal, outcome: Promise.withResolvers() };
    const key = [count, ...groups.map(({ number }) => number)].join();
    const alike = this.#waiting.find(
      (job) => job.key === key && job.order === undefined && hasRoom(job, probes.length),
    );
    if (alike !== undefined) alike.asks.push(ask);
    else this.#waiting.push({ key, groups, count, asks: [ask], order: undefined, begin: 1, running: 0, lists: [] });
    this.#begin();
    return ask.outcome.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error('the index is closed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** Gives idle threads work. */
  #begin(): void {
    for (let job = this.#waiting[0]; job !== undefined && this.#idle.length > 0; job = this.#waiting[0]) {
      job.order ??= this.#orderOf(job);
      if (job.asks.length > 0) {
        const worker = this.#idle.pop()!;
        this.#running.set(worker, job);
        job.running += 1;
        job.begin -= 1;
        worker.postMessage(job.order);
      }
      if (job.begin === 0 || job.asks.length === 0) this.#waiting.shift();
    }
  }

  /** What the threads are told; searches given up by then are dropped. */
  #orderOf(job: Job): Order {
    for (const { signal, outcome } of job.asks) if (signal?.aborted) outcome.reject(signal.reason);
    job.asks = job.asks.filter(({ signal }) => !signal?.aborted);
    const spans = job.groups.map(spanOf);
    job.begin = Math.max(1, Math.min(this.#workers.length, Math.floor(shareCount(spans) / sharesPerThread)));
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    const probes = job.asks.flatMap((ask) => ask.probes);
    return { id: this.#lastId, probes, count: job.count, spans, cursor: new SharedArrayBuffer(4) };
  }

  #end(worker: Worker, lists: Lists): void {
    const job = this.#running.get(worker);
    if (job === undefined) return;
    this.#running.delete(worker);
    this.#idle.push(worker);
    job.lists.push(lists);
    job.running -= 1;
    // A thread ends when every share is taken: what has not begun by then need not.
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    if (job.running === 0) this.#answer(job);
    this.#begin();
  }

  #answer({ asks, lists, count }: Job): void {
    let probe = 0;
    for (const { probes, outcome } of asks) {
      outcome.resolve(probes.map(() => merge(lists, probe++, count, this.#faceIds())));
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { asks } of [...this.#waiting, ...this.#running.values()]) {
      for (const { outcome } of asks) outcome.reject(this.#failure.error);
    }
    this.#waiting.length = 0;
    this.#running.clear();
  }
}

function hasRoom({ asks }: Job, probes: number): boolean {
  return asks.reduce((sum, ask) => sum + ask.probes.length, probes) <= probesMax;
}

/** The best of what every thread found for one probe. */
function merge(lists: readonly Lists[], probe: number, count: number, faceIds: BigInt64Array): readonly Found[] {
  const best = new Best(count, faceIds);
  for (const list of lists) for (const face of list[probe] ?? []) best.offer(face);
  return best.found;
}

function spanOf({ number, blocks, rows, guests }: Group): Span {
  return { group: number, blocks: blocks.buffer, rows, guests: guests.buffer, guestCount: guests.length / 2 };
}
