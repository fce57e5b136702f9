/** Divides a check among threads, which take shares of the persons one after the other. */
import { Worker } from 'node:worker_threads';
import type { DatabaseSource } from '../database.ts';
import { findingsMax, type Scanned, type ScanOrder } from './scan.ts';
import type { ScanMessage } from './scan-thread.ts';

/** How a check is divided. */
export interface ScanPlan {
  readonly source: DatabaseSource;
  /** One for each share. */
  readonly orders: readonly ScanOrder[];
  readonly threads: number;
  /** Told how many persons a share went through. */
  readonly onPersons: (count: number) => void;
  readonly signal: AbortSignal;
}

/** Checks all shares. @throws the first failure of a thread; the signal's reason. */
export async function scanAll({ source, orders, threads, onPersons, signal }: ScanPlan): Promise<Scanned> {
  signal.throwIfAborted();
  const next = orders.values();
  const scanned: Scanned[] = [];
  const workers = Array.from(
    { length: Math.min(threads, orders.length) },
    // An error that comes when nobody waits for the thread any more is nobody's.
    () => new Worker(new URL('./scan-thread.ts', import.meta.url), { workerData: source }).on('error', () => {}),
  );
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const work = async (worker: Worker): Promise<void> => {
      for (const order of next) scanned.push(await perform(worker, order, onPersons));
    };
    await Promise.race([Promise.all(workers.map(work)), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return together(scanned);
}

function perform(worker: Worker, order: ScanOrder, onPersons: (count: number) => void): Promise<Scanned> {
  const { promise, resolve, reject } = Promise.withResolvers<Scanned>();
  const ended = (): void => reject(new Error('a thread that checks has ended'));
  const listen = (message: ScanMessage): void => {
    if ('persons' in message) onPersons(message.persons);
    else if ('scanned' in message) resolve(message.scanned);
    else reject(message.error);
  };
  worker.on('message', listen).on('error', reject).on('exit', ended);
  worker.postMessage(order);
  return promise.finally(() => worker.off('message', listen).off('error', reject).off('exit', ended));
}

function together(parts: readonly Scanned[]): Scanned {
  const sum = (of: (part: Scanned) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const matches = parts.flatMap((part) => part.matches).toSorted((a, b) => b.cosine - a.cosine);
  const strays = parts.flatMap((part) => part.strays).toSorted((a, b) => a.cosine - b.cosine);
  const alike = parts.flatMap((part) => part.alike);
  const isLong = [matches, strays, alike].some(({ length }) => length > findingsMax);
  return {
    persons: sum(({ persons }) => persons),
    faces: sum(({ faces }) => faces),
    single: sum(({ single }) => single),
    matches: matches.slice(0, findingsMax),
    strays: strays.slice(0, findingsMax),
    alike: alike.slice(0, findingsMax),
    isCut: isLong || parts.some(({ isCut }) => isCut),
  };
}
