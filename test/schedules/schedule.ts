/**
 * Runs concurrent code in an order that a seed decides. Whatever the code waits for (a message, a timer, an answer of a
 * store) is an event of the schedule, which lets one happen at a time, waits until the code has reacted, and checks what
 * must always hold. So a race is found by trying many seeds, and seen again with the seed that found it.
 */
import { Random } from '../random.ts';
import { Clock } from './clock.ts';

/** What is tried under many schedules: it resolves when all is done and right, and rejects otherwise. */
export type Subject = (schedule: Schedule) => Promise<void>;

/** A subject with what it needs under all schedules, a file for example. */
export interface Trial extends AsyncDisposable {
  readonly subject: Subject;
}

/** Something that can happen. */
interface Event {
  /** Whose event it is; a schedule may keep all events of one back for long. */
  readonly who: string;
  readonly what: string;
  readonly happen: () => void;
}

/** Events of one schedule; whoever needs more does not come to rest. */
const eventsMax = 10_000;
/** Timers that may fire in a row while all wait; whoever still waits after them waits for ever. */
const idleTimersMax = 100;
/** One event in so many happens before the code has reacted to the one before. */
const haste = 5;
/** When time could pass it does once in so many events. */
const slowness = 10;
/** One event in so many changes who comes first, in schedules where some come before others. */
const patience = 8;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One schedule. What it draws, and so what happens, depends on its seed alone. */
export class Schedule {
  readonly random: Random;
  readonly clock: Clock;
  /** What has happened so far, in order. */
  readonly trace: string[] = [];
  /** What must happen some day. */
  readonly #due: Event[] = [];
  /** What may happen as long as something else can. */
  readonly #possible: Event[] = [];
  readonly #checks: (() => void)[] = [];
  /** Those whose work is not done. */
  readonly #lanes = new Set<string>();
  #failure: { readonly error: unknown } | undefined;
  /** Who comes first; without it all are equal. */
  readonly #ranks: Map<string, number> | undefined;
  /** How many more faults there may be, and one chance in how many that there is one. */
  #faultsLeft: number;
  readonly #faultOneIn: number;
  /** Which kinds of faults there are: with some left out, the others get further. */
  readonly #kinds = new Map<string, boolean>();
  /** One chance in so many that something happens that need not. */
  readonly #surpriseOneIn: number;
  #idleTimers = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.clock = new Clock();
    this.#ranks = this.random.oneIn(2) ? new Map() : undefined;
    this.#faultsLeft = this.random.of([0, 1, 4, 16]);
    this.#faultOneIn = this.random.of([4, 16, 64]);
    this.#surpriseOneIn = this.random.of([3, 10, 30]);
  }

  /** Resolves when the schedule comes to it. */
  point(who: string, what: string): Promise<void> {
    return new Promise((resolve) => {
      this.due(who, what, resolve);
    });
  }

  /** Has something happen some time. @returns what takes it back. */
  due(who: string, what: string, happen: () => void): () => void {
    return add(this.#due, { who, what, happen });
  }

  /** Lets something happen some time, or never. @returns what takes it back. */
  maybe(who: string, what: string, happen: () => void): () => void {
    return add(this.#possible, { who, what, happen });
  }

  /**
   * Whether something fails now: in some schedules nothing does, in some little, in some much, but not for ever.
   * @param what its first word is the kind of the fault.
   */
  fails(who: string, what: string): boolean {
    if (this.#faultsLeft === 0 || !this.random.oneIn(this.#faultOneIn)) return false;
    const [kind] = what.split(' ', 1) as [string];
    if (!this.#kinds.has(kind)) this.#kinds.set(kind, this.random.oneIn(2));
    if (!this.#kinds.get(kind)) return false;
    this.#faultsLeft -= 1;
    this.trace.push(`${who}: FAULT, cannot ${what}`);
    return true;
  }

  /** Whether anything may still fail. */
  get hasFaults(): boolean {
    return this.#faultsLeft > 0;
  }

  /** From now on nothing fails, and nothing takes long. */
  heal(): void {
    this.clock.isPatient = true;
    this.#faultsLeft = 0;
    this.#possible.length = 0;
  }

  /** Runs work that must end, and must not reject. */
  lane<T>(who: string, work: () => Promise<T>): Promise<T> {
    this.#lanes.add(who);
    const done = work();
    done.then(
      () => this.#lanes.delete(who),
      (error) => this.fail(error),
    );
    return done;
  }

  /** Has something checked whenever the code has reacted to an event. */
  always(check: () => void): void {
    this.#checks.push(check);
  }

  /** Ends the schedule with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Lets events happen until the subject is done and nothing is due. */
  async run(subject: Subject): Promise<void> {
    using _ = this.clock.install();
    using __ = onUnhandledRejection((error) => this.fail(error));
    this.lane('the subject', () => subject(this)).catch(() => {});
    for (let events = 0; await this.#hasReacted(); events++) {
      if (events === eventsMax) throw new Error(`after ${eventsMax} events there is still no end`);
      const event = this.#next();
      if (event === undefined) break;
      this.#let(event);
      while (this.#due.length > 0 && this.random.oneIn(haste)) this.#let(this.#choose(this.#due));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#lanes.size > 0) throw new Error(`for ever waits: ${[...this.#lanes].join(', ')}`);
  }

  /** Waits until nothing moves, and checks. @returns whether the schedule goes on. */
  async #hasReacted(): Promise<boolean> {
    // A turn of the event loop ends when no promise has more to do; in the first, the code may ask for one more turn.
    await nextTurn();
    await nextTurn();
    try {
      for (const check of this.#checks) check();
    } catch (error) {
      this.fail(error);
    }
    return this.#failure === undefined;
  }

  #let(event: Event): void {
    take(this.#due, event);
    take(this.#possible, event);
    this.trace.push(`${event.who}: ${event.what}`);
    event.happen();
  }

  #next(): Event | undefined {
    const timer = this.#timer();
    if (this.#due.length > 0) {
      this.#idleTimers = 0;
      const isTime = timer !== undefined && !this.clock.isPatient && this.random.oneIn(slowness);
      const isSurprise = this.#possible.length > 0 && this.random.oneIn(this.#surpriseOneIn);
      return isSurprise ? this.random.of(this.#possible) : isTime ? timer : this.#choose(this.#due);
    }
    if (this.#lanes.size === 0 || this.#idleTimers === idleTimersMax) return undefined;
    this.#idleTimers += 1;
    return timer;
  }

  #timer(): Event | undefined {
    const due = this.clock.next;
    if (due === undefined) return undefined;
    return { who: 'clock', what: `it is ${due} ms`, happen: () => this.clock.fireNext() };
  }

  #choose(events: readonly Event[]): Event {
    if (this.#ranks === undefined) return this.random.of(events);
    const ranks = this.#ranks;
    for (const { who } of events) if (!ranks.has(who)) ranks.set(who, this.random.below(1 << 30));
    const highest = Math.max(...events.map(({ who }) => ranks.get(who)!));
    const event = this.random.of(events.filter(({ who }) => ranks.get(who) === highest));
    if (this.random.oneIn(patience)) ranks.set(event.who, this.random.below(1 << 30));
    return event;
  }
}

/**
 * Runs a subject under the schedule of one seed.
 * @returns what has happened, in order.
 * @throws Error that tells what had happened, what was wrong then, and how to see it again.
 */
export async function runSchedule(name: string, subject: Subject, seed: number): Promise<readonly string[]> {
  const schedule = new Schedule(seed);
  try {
    await schedule.run(subject);
  } catch (cause) {
    const events = schedule.trace.map((event, i) => `  ${i + 1}. ${event}`);
    const again = `again: FAMILIAR_SEED=${seed} npm run schedules -- ${name}`;
    throw new Error([`${name}: ${(cause as Error).message}`, ...events, again].join('\n'), { cause });
  }
  return schedule.trace;
}

/** Rejections that nobody handles would end a server. */
function onUnhandledRejection(listener: (error: unknown) => void): Disposable {
  process.on('unhandledRejection', listener);
  return { [Symbol.dispose]: () => void process.off('unhandledRejection', listener) };
}

function add(events: Event[], event: Event): () => void {
  events.push(event);
  return () => take(events, event);
}

function take(events: Event[], event: Event): void {
  const index = events.indexOf(event);
  if (index !== -1) events.splice(index, 1);
}
