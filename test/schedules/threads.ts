/** Threads that are none: their code runs in the calling thread, a message at a time, whenever the schedule says so. */
import { EventEmitter } from 'node:events';
import type { Schedule } from './schedule.ts';

/** What a thread's code sees of the one that started it. */
export interface InnerPort<In, Out> {
  /** A listener that gives an iterator has steps; other threads may take theirs in between. */
  on(event: 'message', listener: (message: In) => unknown): unknown;
  postMessage(message: Out): void;
  close(): void;
}

/** What a thread runs. */
export interface Script<In, Out> {
  /** What the thread is called in the trace. */
  readonly name: string;
  /** Begins to listen. @returns what the system gives back when the thread dies. */
  start(port: InnerPort<In, Out>): (() => void) | undefined;
  /** A message in a few words. */
  describe(message: In): string;
}

/**
 * A thread as the one that started it sees it. Messages of one direction keep their order and are copied; when each
 * arrives the schedule decides. A thread that dies leaves undone what it has not done, and some of what it has said unheard.
 */
export class SimulatedThread<In, Out> extends EventEmitter {
  readonly #schedule: Schedule;
  readonly #script: Script<In, Out>;
  readonly #inbox: Line;
  readonly #outbox: Line;
  #listener: ((message: In) => unknown) | undefined;
  #cleanUp: (() => void) | undefined;
  #hasEnded = false;
  #hasDied = false;

  constructor(schedule: Schedule, script: Script<In, Out>) {
    super();
    this.#schedule = schedule;
    this.#script = script;
    this.#inbox = new Line(schedule, script.name);
    this.#outbox = new Line(schedule, `what ${script.name} says`);
    this.#inbox.add('starts', () => {
      this.#outbox.add('it runs', () => this.emit('online'));
      this.#within(() => {
        this.#cleanUp = script.start(this.#innerPort());
      });
    });
  }

  /** Whether it has ended other than by itself. */
  get hasDied(): boolean {
    return this.#hasDied;
  }

  postMessage(message: In): void {
    if (this.#hasEnded) return;
    const copy = structuredClone(message);
    this.#inbox.add(this.#script.describe(copy), () => this.#within(() => this.#walk(this.#listener?.(copy))));
  }

  /** Ends the thread wherever it is. */
  terminate(): Promise<number> {
    return new Promise((resolve) => {
      if (this.#hasEnded && this.#outbox.isEmpty) return resolve(0);
      this.once('exit', resolve);
      this.die();
    });
  }

  /** Ends the thread wherever it is, with an error or without. */
  die(error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasDied = true;
    this.#cleanUp?.();
    this.#outbox.cut(this.#schedule.random.below(3));
    if (error !== undefined) this.#outbox.add('an error', () => this.emit('error', error));
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#inbox.cut(0);
    this.#schedule.clock.drop(this);
    this.#outbox.add('it has ended', () => this.emit('exit', 0));
  }

  /** Goes through the steps of a listener before the next message is read. */
  #walk(steps: unknown): void {
    if (steps instanceof Iterator && !steps.next().done)
      this.#inbox.addFirst('goes on', () => this.#within(() => this.#walk(steps)));
  }

  /** Runs the thread's own code. */
  #within(work: () => void): void {
    try {
      this.#schedule.clock.as(this, work);
    } catch (error) {
      this.die(error as Error);
    }
  }

  #innerPort(): InnerPort<In, Out> {
    return {
      on: (_, listener) => {
        this.#listener = listener;
      },
      postMessage: (message) => {
        const copy = structuredClone(message);
        this.#outbox.add('an answer', () => this.emit('message', copy));
      },
      close: () => this.#end(),
    };
  }
}

/** Events that happen one after the other. */
class Line {
  readonly #schedule: Schedule;
  readonly #name: string;
  readonly #waiting: { readonly what: string; readonly happen: () => void }[] = [];
  #takeBack: () => void = () => {};

  constructor(schedule: Schedule, name: string) {
    this.#schedule = schedule;
    this.#name = name;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(what: string, happen: () => void): void {
    this.#waiting.push({ what, happen });
    if (this.#waiting.length === 1) this.#announce();
  }

  addFirst(what: string, happen: () => void): void {
    this.#waiting.unshift({ what, happen });
    this.#announce();
  }

  /** Drops all but the first few. */
  cut(length: number): void {
    this.#waiting.splice(length);
    this.#announce();
  }

  #announce(): void {
    this.#takeBack();
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#takeBack = this.#schedule.due(this.#name, first.what, () => {
      this.#waiting.shift();
      this.#announce();
      first.happen();
    });
  }
}
