/** An index whose threads scan when the test says so: the test decides which changes come between which slices. */
import type { Index } from '../../src/search/gallery.ts';
import { type IndexParts, openIndex } from '../../src/search/open.ts';
import { Scanner, type ScanOrder } from '../../src/search/scan.ts';
import type { StartThread, ThreadReports } from '../../src/search/threads.ts';

/** More slices than the scans of any test have: those of a scan that never ends fail its test. */
const stepsMax = 1000;

interface SteppedThread {
  readonly scanner: Scanner;
  readonly reports: ThreadReports;
  order: ScanOrder | undefined;
  isDead: boolean;
}

/** Threads that keep an order until they are told to scan. */
export class SteppedThreads {
  /** Every order that was given, the first one first. */
  readonly orders: ScanOrder[] = [];
  /** How many threads have been started. */
  started = 0;
  /** How many threads have been stopped. */
  stopped = 0;
  readonly #threads: SteppedThread[] = [];

  readonly start: StartThread = ({ shared, thread }, reports) => {
    const own: SteppedThread = { scanner: new Scanner(shared, thread), reports, order: undefined, isDead: false };
    this.#threads[thread] = own;
    this.started += 1;
    return {
      ready: Promise.resolve(),
      scan: (order) => {
        // Nobody hears what a dead thread is told.
        if (!own.isDead) own.order = order;
        this.orders.push(order);
      },
      stop: async () => {
        this.stopped += 1;
      },
    };
  };

  /** The first thread that has an order. */
  get busy(): number | undefined {
    const thread = this.#threads.findIndex(({ order }) => order !== undefined);
    return thread === -1 ? undefined : thread;
  }

  /** Has a thread scan until it has done its order, or is told to halt, and report what it found. */
  step(thread = this.busy): void {
    const { scanner, reports, order } = this.#threads[thread ?? 0]!;
    if (order === undefined) throw new Error('no thread has an order');
    this.#threads[thread ?? 0]!.order = undefined;
    reports.found(scanner.scan(order));
  }

  /** Has the threads scan until none has an order. */
  finish(): void {
    for (let steps = 0; this.busy !== undefined; steps++) {
      if (steps === stepsMax) throw new Error('the scans do not end');
      this.step();
    }
  }

  /** Has a thread die; what it had been told to scan it leaves undone. */
  die(error: Error, thread = 0): void {
    const dead = this.#threads[thread]!;
    [dead.order, dead.isDead] = [undefined, true];
    dead.reports.ended(error);
  }
}

/** Opens an index with stepped threads. */
export async function openStepped(
  dimension: number,
  threads = 1,
  parts: IndexParts = {},
  onFault: (error: unknown) => void = () => {},
): Promise<{ readonly index: Index; readonly threads: SteppedThreads }> {
  const stepped = new SteppedThreads();
  const index = await openIndex({ dimension, threads, onFault }, { ...parts, startThread: stepped.start });
  return { index, threads: stepped };
}
