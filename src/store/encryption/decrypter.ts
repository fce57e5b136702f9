/** Decrypts batches in a thread of its own: as much work as reading them, which would make filling an index half as fast. */
import { Worker } from 'node:worker_threads';
import type { EncryptedBatch } from './batch.ts';
import { DamagedValueError } from './cipher.ts';
import type { BatchAnswer } from './decrypt-thread.ts';

/** A thread that decrypts; it ends when this is disposed of. */
export class Decrypter implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./decrypt-thread.ts', import.meta.url));
  /** In the order of the calls, which is the order of the answers. */
  readonly #waiting: PromiseWithResolvers<Uint8Array>[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor() {
    this.#worker.on('message', (answer: BatchAnswer) => settle(this.#waiting.shift(), answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread that decrypts has ended')));
  }

  /**
   * As {@link import('./batch.ts').decryptBatch} does. The batch's memory goes to the thread.
   * @throws Error if the thread is gone, too.
   */
  async decrypt(batch: EncryptedBatch): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting.push(waiting);
    this.#worker.postMessage(batch, [batch.values.buffer as ArrayBuffer]);
    return waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function settle(waiting: PromiseWithResolvers<Uint8Array> | undefined, answer: BatchAnswer): void {
  if ('plain' in answer) waiting?.resolve(answer.plain);
  else waiting?.reject('damaged' in answer ? new DamagedValueError(answer.damaged) : answer.error);
}
