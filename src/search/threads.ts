/** Starts the threads that scan. Tests start threads of their own instead, which scan when the test says so. */
import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ScanOrder, Shared } from './scan.ts';
import type { Found } from './top-k.ts';

/** What a thread is started with. */
export interface ThreadOptions {
  readonly shared: Shared;
  /** From 0. */
  readonly thread: number;
}

/** What is called with the results and the end of a thread. */
export interface ThreadReports {
  /** What it found for an order: a list for each probe. */
  readonly found: (lists: readonly (readonly Found[])[]) => void;
  /** It has ended, for this reason, and touches nothing any more. Told once. */
  readonly ended: (error: unknown) => void;
}

/** A thread that scans for one order after the other, as {@link import('./scan.ts').Scanner} does. */
export interface ScanThread {
  /** Resolves when the thread runs; rejects if it ends before. */
  readonly ready: Promise<unknown>;
  /** Begins to scan. Is called only when the thread has reported on the order before. */
  scan(order: ScanOrder): void;
  /** Ends the thread, whatever it does. */
  stop(): Promise<unknown>;
}

/** Starts a thread that scans. */
export type StartThread = (options: ThreadOptions, reports: ThreadReports) => ScanThread;

/** What is used of a `Worker`. */
export interface WorkerLike extends EventEmitter {
  postMessage(order: ScanOrder): void;
  terminate(): Promise<unknown>;
}

/** Starts a worker thread. */
export const startWorker: StartThread = (workerData, reports) =>
  reporting(new Worker(new URL('./scan-thread.ts', import.meta.url), { workerData }), reports);

/** Has a worker that has just been started report. */
export function reporting(worker: WorkerLike, { found, ended }: ThreadReports): ScanThread {
  const ready = Promise.withResolvers<void>();
  let reason: unknown = new Error('a thread that searches has ended');
  worker.on('message', found);
  worker.on('online', () => ready.resolve());
  // Its exit follows: until then it may still write its memory.
  worker.on('error', (error) => {
    reason = error;
  });
  worker.on('exit', () => {
    ready.reject(reason);
    ended(reason);
  });
  return {
    ready: ready.promise,
    scan: (order) => worker.postMessage(order),
    stop: () => worker.terminate(),
  };
}
