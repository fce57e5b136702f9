/** The threads that search in the database: started when they are needed, and ended when nothing was to be done for a while. */
import { Worker } from 'node:worker_threads';
import type { DatabaseSource } from '../database.ts';
import type { SearchOrder } from './order.ts';
import type { SearchAnswer } from './search-thread.ts';

/** How long a thread without work is kept, in milliseconds. */
const idleMs = 30_000;

/** Threads, each with one order at a time. The caller limits how many there are. */
export class SearchThreads implements AsyncDisposable {
  readonly #source: () => DatabaseSource;
  readonly #all = new Set<SearchThread>();
  readonly #idle: SearchThread[] = [];

  constructor(source: () => DatabaseSource) {
    this.#source = source;
  }

  /** @throws Error if the thread cannot be started, or ends. */
  async perform(order: SearchOrder): Promise<SearchAnswer> {
    const thread = this.#idle.pop() ?? this.#start();
    thread.wake();
    const answer = await thread.perform(order);
    this.#idle.push(thread);
    thread.sleep(() => {
      this.#idle.splice(this.#idle.indexOf(thread), 1);
      void thread.end();
    });
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  #start(): SearchThread {
    const thread = new SearchThread(this.#source(), () => this.#all.delete(thread));
    this.#all.add(thread);
    return thread;
  }
}

class SearchThread {
  readonly #worker: Worker;
  #outcome: PromiseWithResolvers<SearchAnswer> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: DatabaseSource, onEnd: () => void) {
    this.#worker = new Worker(new URL('./search-thread.ts', import.meta.url), { workerData: source });
    this.#worker.on('message', (answer: SearchAnswer) => this.#outcome?.resolve(answer));
    this.#worker.on('error', (error) => this.#outcome?.reject(error));
    this.#worker.on('exit', () => {
      this.#outcome?.reject(new Error('a thread that searches in the database has ended'));
      clearTimeout(this.#timer);
      onEnd();
    });
  }

  perform(order: SearchOrder): Promise<SearchAnswer> {
    this.#outcome = Promise.withResolvers();
    this.#worker.postMessage(order);
    return this.#outcome.promise;
  }

  /** Has it ended later. */
  sleep(end: () => void): void {
    this.#timer = setTimeout(end, idleMs).unref();
  }

  wake(): void {
    clearTimeout(this.#timer);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
