/** Starts the threads that scan. Tests start threads of their own instead, which scan when the test says so. */
import { type EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ScanOrder, Shared } from './scan.ts';
import type { Found } from './top-k.ts';

/** What a thread is started with. */
export interface ThreadOptions {
  readonly shared: Shared;
  /** From 0. */
  readonly thread: number;
}

/** Whom a thread reports to. */
export interface ThreadReports {
  /** What it found for an order: a list for each probe. */
  readonly found: (lists: readonly (readonly Found[])[]) => void;
  /** It has failed or ended, and will find nothing more. */
  readonly failed: (error: unknown) => void;
}

/** A thread that scans for one order after the other, as {@link import('./scan.ts').Scanner} does. */
export interface ScanThread {
  /** Resolves when the thread runs; rejects if it does not start. */
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
export function reporting(worker: WorkerLike, { found, failed }: ThreadReports): ScanThread {
  worker.on('message', found);
  worker.on('error', failed);
  worker.on('exit', () => failed(new Error('a thread that searches has ended')));
  return {
    ready: once(worker, 'online'),
    scan: (order) => worker.postMessage(order),
    stop: () => worker.terminate(),
  };
}
