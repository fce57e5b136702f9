/** Evaluates a trained linear probe. */

/** A linear probe: the sign of its sum is the decision, and its magnitude how certain it is. */
export interface Probe {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Bias plus the weighted sum of the inputs, which are as many as the weights. */
export function respond({ weights, bias }: Probe, inputs: ArrayLike<number>): number {
  let sum = bias;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * inputs[i]!;
  return sum;
}

/** The probability, from 0 to 1, whose log-odds are given. */
export function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** The log-odds of a probability, limited to about ±9, so that they are finite for 0 and 1. */
export function logOdds(probability: number): number {
  const floor = 1e-4;
  return Math.log((probability + floor) / (1 - probability + floor));
}
