/** Runs networks on several items at once where that takes less time and gives what they give one by one. */
import type { Network, Outputs } from './runtime.ts';

/**
 * How far outputs that count as one may be from each other, in parts of their length: a sum that is made in another order differs in
 * the seventh digit.
 */
const tolerance = 1e-4;

/** How many batches are run both ways: the first run of a kind takes longer. */
const trials = 3;

/** The processor's time that this process has had, in milliseconds: what others do meanwhile does not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs a network on all items of a batch at once, if that is better. The first batches of each length are run one by one as well.
 * Afterwards it is known: a network with large weights reads them once for all items, one that computes in integers leaves the
 * processor's cache with several, and one that was exported for one item, or mixes those of a batch, must not have them at once.
 * @param clock milliseconds, rising.
 */
export function togetherIfBetter({ run, runTogether }: Network, clock: () => number = processorMs): Network['run'] {
  const byLength = new Map<number, Trial>();
  return async (input, shape) => {
    const items = shape[0]!;
    if (runTogether === undefined || items === 1) return run(input, shape);
    const trial = byLength.get(items) ?? new Trial(clock);
    byLength.set(items, trial);
    if (trial.isOver) return trial.isBetter ? runTogether(input, shape) : run(input, shape);
    return trial.run(
      items,
      () => run(input, shape),
      () => runTogether(input, shape),
    );
  };
}

/** What became of batches that were run both ways. */
class Trial {
  readonly #clock: () => number;
  #left = trials;
  #isSame = true;
  /** The least time of each way. */
  #alone = Number.POSITIVE_INFINITY;
  #together = Number.POSITIVE_INFINITY;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.#left <= 0 || !this.#isSame;
  }

  get isBetter(): boolean {
    return this.#isSame && this.#together < this.#alone;
  }

  /** Runs a batch both ways. @returns what its items give one by one. */
  async run(items: number, run: () => Promise<Outputs>, runTogether: () => Promise<Outputs>): Promise<Outputs> {
    const begun = this.#clock();
    const alone = await run();
    const between = this.#clock();
    const together = await runTogether().catch(() => undefined);
    this.#together = Math.min(this.#together, this.#clock() - between);
    this.#alone = Math.min(this.#alone, between - begun);
    this.#isSame &&= together !== undefined && areSame(alone, together, items);
    this.#left -= 1;
    return alone;
  }
}

/** Whether each item has the same outputs. */
function areSame(alone: Outputs, together: Outputs, items: number): boolean {
  return Object.entries(alone).every(([name, values]) => {
    const others = together[name];
    if (others?.length !== values.length) return false;
    const length = values.length / items;
    return Array.from({ length: items }, (_, i) => i * length).every((at) =>
      areNear(values.subarray(at, at + length), others.subarray(at, at + length)),
    );
  });
}

function areNear(a: Float32Array, b: Float32Array): boolean {
  let [apart, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    apart += (a[i]! - b[i]!) ** 2;
    size += a[i]! ** 2;
  }
  return apart <= tolerance ** 2 * size;
}
