/** Statistics of every evaluation and benchmark: means, quantiles, areas under a curve, and their 95 % intervals. */

/** The bounds between which the figure lies in 95 of 100 samples. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The normal distribution's quantile at 97.5 %. */
const z = 1.959964;
/** How often a sample is drawn anew. */
const draws = 1000;

/** The interval of a share, which holds for shares of 0 and 1 too (Wilson, J. Am. Stat. Assoc. 22, 1927). */
export function wilson(hits: number, of: number): Interval {
  const share = hits / of;
  const square = (z * z) / of;
  const middle = share + square / 2;
  const spread = z * Math.sqrt((share * (1 - share)) / of + square / (4 * of));
  return { low: Math.max(0, (middle - spread) / (1 + square)), high: Math.min(1, (middle + spread) / (1 + square)) };
}

/** Numbers from 0 to 1 that are the same in every run (Steele's and Vigna's mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The percentile interval of a statistic (Efron 1979). Whole groups are drawn, with a fixed seed: errors of pictures of
 * one person are correlated.
 * @param groups the items that the statistic is computed from, by person.
 */
export function bootstrap<T>(groups: readonly (readonly T[])[], statistic: (sample: readonly T[]) => number): Interval {
  return bootstrapCounts(groups.length, (counts) => statistic(groups.flatMap((group, i) => repeat(group, counts[i]!))));
}

/** The same for a statistic that takes the number of times that each of `size` groups was drawn. */
export function bootstrapCounts(size: number, statistic: (counts: Uint32Array) => number): Interval {
  return bootstrapCurve(size, (counts) => [statistic(counts)])[0]!;
}

/** The same for many statistics that are computed together, such as the points of a curve: an interval for each. */
export function bootstrapCurve(size: number, statistics: (counts: Uint32Array) => readonly number[]): Interval[] {
  const random = createRandom(1);
  const counts = new Uint32Array(size);
  const values: number[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let i = 0; i < size; i++) counts[Math.floor(random() * size)]!++;
    statistics(counts).forEach((value, i) => {
      values[i] ??= [];
      if (Number.isFinite(value)) values[i].push(value);
    });
  }
  return values.map((own) => {
    own.sort((a, b) => a - b);
    const at = (share: number): number => own[Math.round(share * (own.length - 1))] ?? Number.NaN;
    return { low: at(0.025), high: at(0.975) };
  });
}

function repeat<T>(group: readonly T[], times: number): readonly T[] {
  return times === 1 ? group : Array.from({ length: times }, () => group).flat();
}

/** The value of the sample below which a share of it lies; NaN for an empty sample. */
export function quantile(sample: readonly number[], share: number): number {
  return ranked(sample, share * sample.length);
}

/** The interval of a {@link quantile}, by order statistics. */
export function quantileInterval(sample: readonly number[], share: number): Interval {
  const middle = share * sample.length;
  const spread = z * Math.sqrt(sample.length * share * (1 - share));
  return { low: ranked(sample, middle - spread), high: ranked(sample, middle + spread) };
}

/** The middle value: of an even number the upper one of the two in the middle. */
export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5);
}

function ranked(sample: readonly number[], rank: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.floor(rank)))] ?? Number.NaN;
}

/** The mean of at least one number. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** An item that a measure should classify by its value. */
export interface Rated {
  readonly value: number;
  readonly positive: boolean;
}

/** The area under the ROC curve: the chance that a positive has a larger value than a negative, equal values counting half. */
export function areaUnderCurve(rated: readonly Rated[]): number {
  return weightedArea(
    rated.toSorted((a, b) => a.value - b.value),
    () => 1,
  );
}

/**
 * The same for weighted items.
 * @param sorted items in order of rising value.
 * @param weightOf the weight of an item, 0 or more.
 */
export function weightedArea<T extends Rated>(sorted: readonly T[], weightOf: (item: T) => number): number {
  let [below, won, positives, negatives] = [0, 0, 0, 0];
  for (let i = 0; i < sorted.length; ) {
    let [up, down] = [0, 0];
    const { value } = sorted[i]!;
    for (; i < sorted.length && sorted[i]!.value === value; i++) {
      if (sorted[i]!.positive) up += weightOf(sorted[i]!);
      else down += weightOf(sorted[i]!);
    }
    won += up * (below + down / 2);
    below += down;
    positives += up;
    negatives += down;
  }
  return won / (positives * negatives);
}
