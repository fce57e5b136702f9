/** A clock that stands still until a schedule lets the next timer fire. */

interface Timer {
  readonly callback: () => void;
  readonly everyMs: number | undefined;
  /** Whose it is; undefined if nobody's in particular. */
  readonly owner: object | undefined;
  due: number;
}

/** Stands in for the global timers while it is installed, so that no code under it can wait for real time. */
export class Clock {
  /** Milliseconds since it was made. */
  now = 0;
  /** Whether time passes only when nothing else can happen. */
  isPatient = false;
  readonly #timers = new Set<Timer>();
  #owner: object | undefined;

  /** When the next timer fires, in milliseconds; undefined if there is none. */
  get next(): number | undefined {
    return this.#earliest()?.due;
  }

  /** Lets time pass until the next timer fires. */
  fireNext(): void {
    const timer = this.#earliest();
    if (timer === undefined) return;
    this.now = timer.due;
    if (timer.everyMs === undefined) this.#timers.delete(timer);
    else timer.due += timer.everyMs;
    this.as(timer.owner, timer.callback);
  }

  /** Runs something that may set timers, which are then its owner's. */
  as(owner: object | undefined, work: () => void): void {
    const before = this.#owner;
    this.#owner = owner;
    try {
      work();
    } finally {
      this.#owner = before;
    }
  }

  /** Drops the timers of an owner who is no more. */
  drop(owner: object): void {
    for (const timer of this.#timers) if (timer.owner === owner) this.#timers.delete(timer);
  }

  /** Takes the place of the global timers until it is disposed of. */
  install(): Disposable {
    const real = { setTimeout, setInterval, clearTimeout, clearInterval };
    const clear = (handle: unknown): void => {
      this.#timers.delete(handle as Timer);
    };
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms = 0) => this.#add(callback, ms, undefined),
      setInterval: (callback: () => void, ms = 0) => this.#add(callback, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
    return { [Symbol.dispose]: () => void Object.assign(globalThis, real) };
  }

  #add(callback: () => void, ms: number, everyMs: number | undefined): Timer {
    const timer: Timer & { unref(): Timer } = {
      callback,
      everyMs,
      owner: this.#owner,
      due: this.now + ms,
      unref: () => timer,
    };
    this.#timers.add(timer);
    return timer;
  }

  /** Of those due at once the one that was set first. */
  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) if (earliest === undefined || timer.due < earliest.due) earliest = timer;
    return earliest;
  }
}
