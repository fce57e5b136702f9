/** Pictures that are handed to workers, with callers who give up and workers that fail, are slow or are lost. */
import assert from 'node:assert/strict';
import type { Analysis } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { analyzeWith } from '../../src/vision/pool/analyze-pictures.ts';
import type { Workers } from '../../src/vision/pool/ask.ts';
import { dispatchTo } from '../../src/vision/pool/dispatch.ts';
import type { Answer } from '../../src/vision/pool/task.ts';
import type { Schedule } from './schedule.ts';

/** How long a picture may take, in milliseconds. */
const deadlineMs = 10_000;

const analysis: Analysis = { width: 1, height: 1, faces: [], others: [], timings: {} };

/** Who waits and who is looked at, as the callers and the workers tell. */
class Ward {
  readonly #workers: number;
  readonly #queueMax: number;
  /** In the order they came. */
  readonly #waiting: number[] = [];
  /** Those whose picture a worker has. */
  readonly #busy = new Set<number>();
  /** Those who have given up and are not told so yet. */
  readonly #gone = new Set<number>();
  /** How many workers became free since the code has last reacted. */
  #freed = 0;

  constructor(workers: number, queueMax: number) {
    this.#workers = workers;
    this.#queueMax = queueMax;
  }

  /** @returns whether the caller may be refused. */
  come(caller: number): boolean {
    const inside = this.#busy.size + this.#freed + this.#waiting.length + this.#gone.size;
    this.#waiting.push(caller);
    return inside >= this.#workers + this.#queueMax;
  }

  begin(caller: number): void {
    // Whoever gives up in the moment that the turn comes may still have it.
    assert.ok(this.#waiting[0] === caller || this.#gone.has(caller), 'whoever has waited longest is next');
    this.#drop(caller);
    this.#busy.add(caller);
    assert.ok(this.#busy.size <= this.#workers, 'no more pictures are under way than there are workers');
  }

  end(caller: number): void {
    this.#busy.delete(caller);
    this.#freed += 1;
  }

  giveUp(caller: number): void {
    this.#gone.add(caller);
    this.#drop(caller);
  }

  leave(caller: number): void {
    this.#gone.delete(caller);
    this.#drop(caller);
  }

  /** Asserts what is right whenever nothing moves. */
  check(): void {
    this.#freed = 0;
    assert.equal(this.#gone.size, 0, 'whoever gives up is let go at once');
    assert.ok(this.#waiting.length <= this.#queueMax, 'no more wait than may');
    assert.ok(this.#waiting.length === 0 || this.#busy.size === this.#workers, 'nobody waits while a worker is free');
  }

  #drop(caller: number): void {
    const index = this.#waiting.indexOf(caller);
    if (index !== -1) this.#waiting.splice(index, 1);
  }
}

/** A worker is busy until it is free, whoever still waits for it; and no place is lost, whatever becomes of a picture. */
export async function dispatch(schedule: Schedule): Promise<void> {
  const { random } = schedule;
  const limits = { workers: 1 + random.below(3), queueMax: random.below(4), deadlineMs };
  const ward = new Ward(limits.workers, limits.queueMax);
  const analyze = analyzeWith(dispatchTo(workersOf(schedule, ward), limits));
  schedule.always(() => ward.check());

  const call = async (caller: number): Promise<void> => {
    const who = `caller ${caller}`;
    const tired = new AbortController();
    const giveUp = (): void => {
      ward.giveUp(caller);
      tired.abort(new Error(who));
    };
    await schedule.point(who, 'comes');
    const takeBack = random.oneIn(2) ? schedule.maybe(`the patience of ${who}`, 'ends', giveUp) : undefined;
    const mayBeRefused = ward.come(caller);
    let isTaken = false;
    const onTaken = (): void => {
      isTaken = true;
    };
    const analyzed = analyze(Uint8Array.of(caller), { facesMax: 1, signal: tired.signal, onTaken });
    await analyzed.then(
      () => assert.ok(isTaken, 'whose picture was analysed was told that a worker took it'),
      (error: unknown) => {
        if (error === tired.signal.reason || /^a worker (failed|was lost)$/.test((error as Error).message)) return;
        assert.ok(error instanceof Refusal, String(error));
        assert.ok(error.refusal !== 'tooManyRequests' || mayBeRefused, 'nobody is refused while there is room');
        assert.ok(error.refusal !== 'tooManyRequests' || !isTaken, 'no worker took what was refused');
      },
    );
    takeBack?.();
    ward.leave(caller);
  };
  const callers = Array.from({ length: 2 + random.below(10) }, (_, caller) => caller);
  await Promise.all(callers.map((caller) => schedule.lane(`caller ${caller}`, () => call(caller))));
  // Every worker has its place again.
  schedule.heal();
  await Promise.all(Array.from({ length: limits.workers }, (_, i) => call(callers.length + i)));
}

function workersOf(schedule: Schedule, ward: Ward): Workers {
  return {
    run({ picture }, begin) {
      const caller = picture[0]!;
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      try {
        ward.begin(caller);
      } catch (error) {
        // Thrown, it would be one more worker that is lost.
        schedule.fail(error);
      }
      const end = (): void => {
        ward.end(caller);
        if (schedule.fails('a worker', 'go on')) reject(new Error('the worker is lost'));
        else
          resolve(
            schedule.random.of<Answer>([
              { kind: 'seen', analysis },
              { kind: 'failed', cause: 'a bug' },
            ]),
          );
      };
      const start = (): void => {
        let signal: AbortSignal;
        try {
          signal = begin();
        } catch (error) {
          ward.end(caller);
          reject(error);
          return;
        }
        const isStuck = schedule.fails('a worker', 'come to an end');
        const takeBack = isStuck ? undefined : schedule.due(`the worker of caller ${caller}`, 'is done', end);
        signal.addEventListener('abort', () => {
          takeBack?.();
          ward.end(caller);
          reject(signal.reason);
        });
      };
      // A worker that was lost has a successor, which takes its time.
      if (schedule.random.oneIn(4)) schedule.due(`the worker of caller ${caller}`, 'is ready', start);
      else start();
      return promise;
    },
  };
}
