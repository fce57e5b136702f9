/** What became of the mutants of a layer, in numbers. */
import type { Mutant } from './mutants.ts';

/**
 * What became of a mutant: tests `killed` it, or hung and ran `late`, which counts as noticed; it `survived` all that
 * reach its place; or its place is `unreached`.
 */
export type Fate = 'killed' | 'late' | 'survived' | 'unreached';

/** A mutant that was tried. */
export interface Tried {
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The test file that noticed it. */
  readonly by?: string;
}

/** A layer's mutants. */
export interface Result {
  readonly name: string;
  /** In percent. */
  readonly goal: number;
  /** How many mutants count. */
  readonly total: number;
  /** Those that were tried: all that count, or a sample of them. */
  readonly tried: readonly Tried[];
  /** How many were left out. */
  readonly leftOut: { readonly byRule: number; readonly byCompiler: number; readonly harmless: number };
}

/** Whether tests noticed it. */
export function isNoticed({ fate }: Tried): boolean {
  return fate === 'killed' || fate === 'late';
}

/** The share of noticed mutants in percent; 100 of none. */
export function scoreOf({ tried }: Pick<Result, 'tried'>): number {
  return tried.length === 0 ? 100 : (100 * tried.filter(isNoticed).length) / tried.length;
}

/** Whether a layer reaches its goal. */
export function isReached(result: Result): boolean {
  return scoreOf(result) >= result.goal;
}

/**
 * The interval in which a share lies with 95 % certainty, judged by a sample: Wilson's score interval
 * (E. B. Wilson, Probable inference, 1927).
 * @returns both ends, in percent.
 */
export function wilson(hits: number, draws: number): readonly [number, number] {
  if (draws === 0) return [0, 100];
  const z = 1.96;
  const share = hits / draws;
  const middle = share + z ** 2 / (2 * draws);
  const reach = z * Math.sqrt((share * (1 - share)) / draws + z ** 2 / (4 * draws ** 2));
  const scale = 100 / (1 + z ** 2 / draws);
  return [Math.max(0, scale * (middle - reach)), Math.min(100, scale * (middle + reach))];
}
