/** Runs SQL in another thread; every command is answered, even if the thread dies. */
import type { SqlResult } from './connection.ts';
import type { Answer, Command, Request } from './messages.ts';

/** A running thread that answers each request; what is used of a `Worker`. */
export interface Thread {
  on(event: 'message', listener: (answer: Answer) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: (exitCode: number) => void): unknown;
  once(event: 'exit', listener: (exitCode: number) => void): unknown;
  postMessage(order: Request): void;
}

/** A thread with a connection of its own, as the main thread sees it. */
export class DatabaseThread {
  readonly #thread: Thread;
  readonly #outstanding = new Map<number, PromiseWithResolvers<SqlResult>>();
  #lastId = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(thread: Thread) {
    this.#thread = thread;
    thread.on('message', (answer: Answer) => this.#settle(answer));
    thread.on('error', (error) => this.#fail(error));
    thread.on('exit', () => this.#fail(new Error("the database's thread has ended")));
  }

  /** Throws if the thread is gone, and with it every chance to reach the database. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Performs commands in the order of the calls. Rejects if the thread ends, whatever the cause; it never waits for ever. */
  async perform(command: Command): Promise<SqlResult> {
    this.check();
    const request: Request = { id: ++this.#lastId, command };
    const outstanding = Promise.withResolvers<SqlResult>();
    this.#outstanding.set(request.id, outstanding);
    this.#thread.postMessage(request);
    return outstanding.promise;
  }

  /** Closes the database and waits until the thread has ended. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    const ended = new Promise((resolve) => this.#thread.once('exit', resolve));
    await this.perform({ kind: 'close' });
    await ended;
  }

  #settle(answer: Answer): void {
    const outstanding = this.#outstanding.get(answer.id);
    this.#outstanding.delete(answer.id);
    if ('fault' in answer) outstanding?.reject(Object.assign(new Error(answer.fault.message), answer.fault));
    else outstanding?.resolve(answer.result);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#outstanding.values()) reject(error);
    this.#outstanding.clear();
  }
}
