/** Measures how long it takes to read memory once, with as many threads as the search uses. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Stretch } from './stream-thread.ts';

const pageBytes = 65536;

/** Threads that read memory of their own. */
export class Stream implements AsyncDisposable {
  readonly #bytes: number;
  readonly #workers: readonly Worker[];

  /** @param bytes up to 4 GiB. */
  constructor(bytes: number, threads: number) {
    const pages = Math.ceil(bytes / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
    const numbers = new Float32Array(memory.buffer);
    for (let i = 0; i < numbers.length; i++) numbers[i] = i % 7;
    this.#bytes = bytes;
    const script = new URL('./stream-thread.ts', import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(script, { workerData: memory }));
  }

  /** Milliseconds for reading all of it, the threads sharing it evenly. */
  async read(): Promise<number> {
    const start = performance.now();
    const part = Math.ceil(this.#bytes / this.#workers.length / 64) * 64;
    const done = this.#workers.map((worker, i) => {
      const stretch: Stretch = { from: i * part, to: Math.min(this.#bytes, (i + 1) * part) };
      worker.postMessage(stretch);
      return once(worker, 'message');
    });
    await Promise.all(done);
    return performance.now() - start;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
