/** Keeps the scans and the changes of one gallery apart, so that neither sees the other half done. */

/**
 * Slices of scans together, or changes one after the other. A change that comes asks the slices under way to end, which
 * takes them a few milliseconds, and none begins before it is made.
 */
export class SliceLock {
  readonly #halt = new Int32Array(new SharedArrayBuffer(4));
  #slices = 0;
  #changes: (() => void)[] = [];

  /** One 32-bit number for the threads that scan: other than 0 while a change waits. */
  get halt(): SharedArrayBuffer {
    return this.#halt.buffer as SharedArrayBuffer;
  }

  /** Whether a slice may begin. */
  get isFree(): boolean {
    return this.#changes.length === 0;
  }

  /** Tells that a slice begins. */
  begin(): void {
    this.#slices += 1;
  }

  /** Tells that a slice has ended; makes the changes that wait if it was the last. */
  end(): void {
    this.#slices -= 1;
    if (this.#slices > 0) return;
    const changes = this.#changes;
    this.#changes = [];
    Atomics.store(this.#halt, 0, 0);
    for (const change of changes) change();
  }

  /** Makes a change: at once, or as soon as the slices under way have ended. */
  async change(work: () => void): Promise<void> {
    if (this.#slices === 0) return work();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#changes.push(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
    Atomics.store(this.#halt, 0, 1);
    return promise;
  }
}
