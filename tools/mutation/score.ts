/** The results of the mutants of a layer, in numbers. */
import { wilson } from '../../bench/statistics.ts';
import type { Mutant } from './mutants.ts';

/**
 * The fate of a mutant: tests `killed` it, or hung and ran `late`, which counts as noticed; it `survived` all tests
 * that reach it; or it is `unreached`.
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

/** The share of noticed mutants in percent; 100 if there are none. */
export function scoreOf({ tried }: Pick<Result, 'tried'>): number {
  return tried.length === 0 ? 100 : (100 * tried.filter(isNoticed).length) / tried.length;
}

/** Whether a layer reaches its goal. */
export function isReached(result: Result): boolean {
  return scoreOf(result) >= result.goal;
}

/** Wilson's 95 % interval of a share in percent, from a sample; 0 to 100 for an empty one. */
export function percentInterval(hits: number, draws: number): readonly [number, number] {
  if (draws === 0) return [0, 100];
  const { low, high } = wilson(hits, draws);
  return [100 * low, 100 * high];
}
