/** Keeps the threads that scan running: one that ends is replaced. */
import { Backoff, type Pauses } from '../concurrency/backoff.ts';
import { SearchOutage } from './gallery.ts';
import type { Shared } from './scan.ts';
import type { ScanThread, StartThread } from './threads.ts';
import type { Found } from './top-k.ts';

/** The pauses before a thread is replaced, while each replacement ends before it has found anything. */
const pauses: Pauses = { firstMs: 10, mostMs: 10_000 };

/** What a supervisor calls when something happens to a thread. */
export interface SupervisorReports {
  /** A thread runs, and may be given an order. */
  readonly started: (thread: ScanThread) => void;
  /** What a thread found for its order. */
  readonly found: (thread: ScanThread, lists: readonly (readonly Found[])[]) => void;
  /** A thread has ended, and never reports on the order that it had; undefined if it could not even be made. */
  readonly lost: (thread: ScanThread | undefined, error: unknown) => void;
}

/** The place of a thread: its memory belongs to one thread after the other. */
interface Place {
  readonly number: number;
  readonly backoff: Backoff;
  thread: ScanThread | undefined;
  /** Why there is no thread that runs; undefined while there is one. */
  fault: unknown;
  /** How many threads in a row have ended before they ran. */
  failedStarts: number;
  timer: NodeJS.Timeout | undefined;
}

/** So many threads over the same memory, each of which is replaced when it ends. */
export class ThreadSupervisor implements AsyncDisposable {
  readonly #shared: Shared;
  readonly #start: StartThread;
  readonly #reports: SupervisorReports;
  readonly #places: readonly Place[];
  #isClosed = false;

  constructor(shared: Shared, threads: number, start: StartThread, reports: SupervisorReports) {
    this.#shared = shared;
    this.#start = start;
    this.#reports = reports;
    this.#places = Array.from({ length: threads }, (_, number) => {
      const fault = new Error('it has not started yet');
      return { number, backoff: new Backoff(pauses), thread: undefined, fault, failedStarts: 0, timer: undefined };
    });
    for (const place of this.#places) this.#launch(place);
  }

  /** How many threads there are, those that are being replaced included. */
  get count(): number {
    return this.#places.length;
  }

  /** Why nothing can be scanned: no thread runs, and none could be started; undefined if that is not so. */
  get outage(): SearchOutage | undefined {
    if (!this.#places.every(({ failedStarts }) => failedStarts > 0)) return undefined;
    return new SearchOutage(this.#places[0]?.fault);
  }

  /** Resolves when the threads that were started first run; rejects if one of them does not. */
  async ready(): Promise<void> {
    await Promise.all(this.#places.map(({ thread, fault }) => thread?.ready ?? Promise.reject(fault)));
  }

  /** @throws Error while a thread is missing. */
  check(): void {
    const missing = this.#places.filter(({ fault }) => fault !== undefined);
    if (missing.length === 0) return;
    const text = `${missing.length} of ${this.count} threads that search have ended and are being replaced`;
    throw new Error(text, { cause: missing[0]?.fault });
  }

  /** Ends the threads; none is replaced from then on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#places) clearTimeout(timer);
    await Promise.all(this.#places.map(({ thread }) => thread?.stop()));
  }

  #launch(place: Place): void {
    const options = { shared: this.#shared, thread: place.number };
    try {
      const thread = this.#start(options, {
        found: (lists) => {
          place.backoff.succeed();
          this.#reports.found(thread, lists);
        },
        ended: (error) => this.#replace(place, thread, error),
      });
      place.thread = thread;
      thread.ready.then(
        () => this.#greet(place, thread),
        // It has ended, which it reports itself.
        () => {},
      );
    } catch (error) {
      place.failedStarts += 1;
      this.#launchLater(place, error);
      this.#reports.lost(undefined, error);
    }
  }

  #greet(place: Place, thread: ScanThread): void {
    if (this.#isClosed || place.thread !== thread) return;
    place.fault = undefined;
    place.failedStarts = 0;
    this.#reports.started(thread);
  }

  /** Only a thread that has ended is replaced: two would write the same memory. */
  #replace(place: Place, thread: ScanThread, error: unknown): void {
    if (this.#isClosed || place.thread !== thread) return;
    place.thread = undefined;
    if (place.fault !== undefined) place.failedStarts += 1;
    this.#launchLater(place, error);
    this.#reports.lost(thread, error);
  }

  #launchLater(place: Place, error: unknown): void {
    place.fault = error;
    place.timer = setTimeout(() => this.#launch(place), place.backoff.fail());
  }
}
