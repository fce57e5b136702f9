/** Scores all pairs of strangers among many pictures, also for bootstrap samples of the people. */

/** A picture's embedding and its person. */
export interface Portrait {
  readonly person: string;
  readonly path: string;
  readonly embedding: Float32Array;
}

/** The scores of all pairs of strangers. */
export interface Strangers {
  readonly portraits: readonly Portrait[];
  /** Every person once; a draw counts them in this order. */
  readonly names: readonly string[];
  /** How many pairs there are. */
  readonly pairs: number;
  /** How many of them have this score or more. */
  readonly above: (score: number) => number;
  /**
   * The score that each of some shares of the pairs exceeds.
   * @param shares rising, each at most {@link keptShare}.
   * @param counts how often each person was drawn; a pair of two people was drawn as often as the product of their
   *   counts.
   */
  readonly scoresAt: (shares: readonly number[], counts?: Uint32Array) => readonly number[];
  /** Visits every pair, its members by index among the portraits. */
  readonly each: (visit: (i: number, j: number, score: number) => void) => void;
  /** The pairs that score most, by path. */
  readonly most: (count: number) => readonly { readonly paths: readonly [string, string]; readonly score: number }[];
}

/** The share of pairs, those with the highest scores, whose members are stored. */
export const keptShare = 0.03;

/** What is stored for a pair that is none of strangers. */
const none = Number.NEGATIVE_INFINITY;

/**
 * Compares every picture with every other.
 * @param areStrangers whether two portraits, given by index, are strangers; by default those with different names.
 */
export function compareStrangers(
  portraits: readonly Portrait[],
  likeness: (a: Float32Array, b: Float32Array) => number,
  areStrangers = (i: number, j: number): boolean => portraits[i]!.person !== portraits[j]!.person,
): Strangers {
  const names = [...new Set(portraits.map(({ person }) => person))];
  const indexes = new Map(names.map((name, i) => [name, i]));
  const at = Uint32Array.from(portraits, ({ person }) => indexes.get(person)!);
  const scores: Float32Array = new Float32Array((portraits.length * (portraits.length - 1)) / 2).fill(none);
  eachPair(portraits.length, (i, j, pair) => {
    if (areStrangers(i, j)) scores[pair] = likeness(portraits[i]!.embedding, portraits[j]!.embedding);
  });
  const sorted = scores.filter((score) => score !== none).sort();
  const pairs = sorted.length;
  const least = sorted[Math.floor(pairs * (1 - keptShare))] ?? 0;
  const kept: { i: number; j: number; score: number }[] = [];
  eachPair(portraits.length, (i, j, pair) => {
    if (scores[pair]! >= least) kept.push({ i, j, score: scores[pair]! });
  });
  kept.sort((a, b) => b.score - a.score);
  const [first, second] = [Uint32Array.from(kept, ({ i }) => at[i]!), Uint32Array.from(kept, ({ j }) => at[j]!)];

  /** The number of pairs drawn, if any two people are strangers: computed without a loop over pairs. */
  function drawnOf(counts: Uint32Array): number {
    const drawn = new Float64Array(names.length);
    for (const person of at) drawn[person]! += counts[person]!;
    let [sum, squares] = [0, 0];
    for (const value of drawn) {
      sum += value;
      squares += value * value;
    }
    return (sum * sum - squares) / 2;
  }
  const everybody = drawnOf(new Uint32Array(names.length).fill(1));

  return {
    portraits,
    names,
    pairs,
    above: (score) => countFrom(sorted, score),
    scoresAt(shares, counts) {
      const all = counts ? (drawnOf(counts) * pairs) / everybody : pairs;
      const lowest = kept.at(-1)?.score ?? 100;
      let [passed, next] = [0, 0];
      return shares.map((share) => {
        while (next < kept.length) {
          const times = counts ? counts[first[next]!]! * counts[second[next]!]! : 1;
          if (passed + times > share * all) break;
          passed += times;
          next++;
        }
        return kept[next]?.score ?? lowest;
      });
    },
    each(visit) {
      eachPair(portraits.length, (i, j, pair) => {
        if (scores[pair] !== none) visit(i, j, scores[pair]!);
      });
    },
    most: (count) =>
      kept.slice(0, count).map(({ i, j, score }) => ({ paths: [portraits[i]!.path, portraits[j]!.path], score })),
  };
}

/** How many of the sorted scores are at least `score`. */
function countFrom(sorted: Float32Array, score: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

function eachPair(length: number, visit: (i: number, j: number, pair: number) => void): void {
  let pair = 0;
  for (let i = 1; i < length; i++) for (let j = 0; j < i; j++) visit(i, j, pair++);
}
