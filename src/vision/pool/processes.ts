/** Keeps processes ready, hands each picture to one that is free, and puts another in the place of one that ends. */
import type { Workers } from './ask.ts';
import type { Answer, Task } from './task.ts';

/** A process that is ready to analyse pictures. */
export interface AnalysisProcess {
  /** Resolves when it is gone, with an error that says how. */
  readonly ended: Promise<Error>;
  /** Whether it runs, as far as is known. */
  readonly isAlive: boolean;
  /** Performs a task; there is one at a time. @throws Error if the process ends before it has answered. */
  perform(task: Task): Promise<Answer>;
  /** Has it answer its task with what is done by now, if the rest can be left for later. */
  interrupt(): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** Lets it end; resolves when it is gone. */
  close(): Promise<void>;
}

/** What a pool of processes is made of. */
export interface PoolOptions {
  /** How many processes are kept; from 1. */
  readonly count: number;
  /** Starts a process and resolves when it is ready. */
  readonly start: () => Promise<AnalysisProcess>;
  /** Told when a process ended that had nothing to do, and when none can be started in the place of one. */
  readonly onLost: (error: Error) => void;
}

/** The pause before another process is tried after one that could not be started, and the longest, in milliseconds. */
const [pauseMs, pauseMsMax] = [1_000, 60_000];

/** Processes that analyse pictures. Disposing of it lets pictures under way finish. */
export class ProcessPool implements Workers, AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #idle = new Set<AnalysisProcess>();
  readonly #starting = new Set<Promise<void>>();
  /** Those under way, until they are answered. */
  readonly #running = new Set<Promise<Answer>>();
  /** Who waits for a process, first come, first served. */
  readonly #waiting: PromiseWithResolvers<AnalysisProcess>[] = [];
  /** How many processes run or are being started. */
  #present = 0;
  /** How many ended that were not told to. */
  #lost = 0;
  #isClosing = false;
  /** How often in a row none could be started, and why the last time. */
  #failures = 0;
  #failure: unknown;

  private constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Starts the processes and resolves when all are ready.
   * @throws Error if one cannot be started; none is left then.
   */
  static async open(options: PoolOptions): Promise<ProcessPool> {
    const pool = new ProcessPool(options);
    const starts = await Promise.allSettled(Array.from({ length: options.count }, () => pool.#startOne()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed === undefined) return pool;
    await pool[Symbol.asyncDispose]();
    throw failed.reason;
  }

  async run(task: Task, begin: () => AbortSignal, interrupted?: AbortSignal): Promise<Answer> {
    const child = await this.#take();
    const running = this.#perform(child, task, begin, interrupted);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** How many processes run or are being started, and how many have ended that were not told to. */
  state(): { readonly present: number; readonly lost: number } {
    return { present: this.#present, lost: this.#lost };
  }

  /** @throws the reason why there is no process, if none runs and the last one could not be started. */
  check(): void {
    if (this.#present === 0 && this.#failures > 0) throw this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    while (this.#running.size + this.#starting.size > 0) {
      await Promise.allSettled([...this.#running, ...this.#starting]);
    }
    await Promise.all([...this.#idle].map((child) => child.close()));
  }

  async #perform(
    child: AnalysisProcess,
    task: Task,
    begin: () => AbortSignal,
    interrupted: AbortSignal | undefined,
  ): Promise<Answer> {
    let signal: AbortSignal;
    try {
      signal = begin();
    } catch (error) {
      this.#offer(child);
      throw error;
    }
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    // Whoever waits need not wait for the system to take the process down; the next process does.
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const interrupt = (): void => child.interrupt();
    interrupted?.addEventListener('abort', interrupt, { once: true });
    try {
      const answering = child.perform(task);
      if (interrupted?.aborted) interrupt();
      const answer = await Promise.race([answering, givenUp]);
      this.#offer(child);
      return answer;
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
      interrupted?.removeEventListener('abort', interrupt);
    }
  }

  /** A process that is ready, which is then the caller's. */
  #take(): Promise<AnalysisProcess> {
    this.#fill();
    const child = [...this.#idle].find(({ isAlive }) => isAlive);
    if (child !== undefined) {
      this.#idle.delete(child);
      return Promise.resolve(child);
    }
    const waiter = Promise.withResolvers<AnalysisProcess>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  #offer(child: AnalysisProcess): void {
    if (!child.isAlive) return;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#idle.add(child);
    else waiter.resolve(child);
  }

  #fill(): void {
    while (!this.#isClosing && this.#present < this.#options.count) this.#startOne().catch(this.#options.onLost);
  }

  /** Starts a process. If that fails, whoever waits longest is told; it is tried again after a pause, and for the next picture. */
  #startOne(): Promise<void> {
    this.#present += 1;
    const starting = this.#options
      .start()
      .then((child) => {
        this.#failures = 0;
        void child.ended.then((error) => this.#lose(child, error));
        this.#offer(child);
      })
      .catch((error: unknown) => {
        this.#present -= 1;
        this.#waiting.shift()?.reject(error);
        this.#failure = error;
        setTimeout(() => this.#fill(), Math.min(pauseMsMax, pauseMs * 2 ** this.#failures)).unref();
        this.#failures += 1;
        throw error;
      })
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
    return starting;
  }

  #lose(child: AnalysisProcess, error: Error): void {
    this.#present -= 1;
    if (!this.#isClosing) this.#lost += 1;
    // Of one that had a picture the picture's caller is told.
    if (this.#idle.delete(child) && !this.#isClosing) this.#options.onLost(error);
    this.#fill();
  }
}
