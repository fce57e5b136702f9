/** Trains a linear probe by logistic regression, with cross-validation over people. */

import { type Probe, probability, respond } from '../../src/vision/attributes/linear.ts';
import { areaUnderCurve } from '../statistics.ts';

/** An input and its class. */
export interface Example {
  readonly inputs: ArrayLike<number>;
  readonly positive: boolean;
  /** Examples of one person stay together when they are split. */
  readonly person: string;
}

/**
 * Logistic regression by Newton's method, both classes with the same weight, so that both errors are equally frequent
 * at the probe's zero.
 * @param ridge the strength of the L2 penalty on the weights, for inputs of standard deviation 1; above 0.
 * @param start a probe to start from: the nearer it is, the fewer steps are taken to the same one.
 */
export function learn(examples: readonly Example[], ridge: number, start?: Probe): Probe {
  const size = examples[0]!.inputs.length;
  const { means, deviations } = momentsOf(examples, size);
  const rows = examples.map(({ inputs }) => [
    ...Array.from({ length: size }, (_, i) => (inputs[i]! - means[i]!) / deviations[i]!),
    1,
  ]);
  const share = examples.filter(({ positive }) => positive).length / examples.length;
  const weightOf = ({ positive }: Example): number => (positive ? 0.5 / share : 0.5 / (1 - share));
  const solution = new Float64Array(size + 1);
  if (start) {
    start.weights.forEach((weight, i) => {
      solution[i] = weight * deviations[i]!;
    });
    solution[size] = start.weights.reduce((bias, weight, i) => bias + weight * means[i]!, start.bias);
  }
  const loss = (at: Float64Array): number => {
    let sum = 0;
    rows.forEach((row, n) => {
      const response = row.reduce((total, value, i) => total + value * at[i]!, 0);
      const margin = examples[n]!.positive ? response : -response;
      sum += weightOf(examples[n]!) * (Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin));
    });
    for (let i = 0; i < size; i++) sum += (ridge / 2) * at[i]! ** 2;
    return sum;
  };
  for (let step = 0; step < 30; step++) {
    const gradient = solution.map((value, i) => (i < size ? ridge * value : 0));
    const hessian = Array.from({ length: size + 1 }, (_, i) => {
      const row = new Float64Array(size + 1);
      row[i] = i < size ? ridge : 1e-9;
      return row;
    });
    rows.forEach((row, n) => {
      const p = probability(row.reduce((sum, value, i) => sum + value * solution[i]!, 0));
      const weight = weightOf(examples[n]!);
      const error = weight * (p - (examples[n]!.positive ? 1 : 0));
      const curve = weight * p * (1 - p);
      row.forEach((value, i) => {
        gradient[i]! += error * value;
        const into = hessian[i]!;
        const scaled = curve * value;
        for (let j = 0; j <= i; j++) into[j]! += scaled * row[j]!;
      });
    });
    const change = solve(hessian, gradient);
    // Newton's step may be too long far from the minimum.
    const before = loss(solution);
    let next = stepped(solution, change, 1);
    for (let length = 0.5; loss(next) > before && length > 1e-6; length /= 2) next = stepped(solution, change, length);
    solution.set(next);
    if (change.every((value) => Math.abs(value) < 1e-6)) break;
  }
  const weights = Array.from({ length: size }, (_, i) => solution[i]! / deviations[i]!);
  return { weights, bias: weights.reduce((bias, weight, i) => bias - weight * means[i]!, solution[size]!) };
}

function stepped(from: Float64Array, change: Float64Array, length: number): Float64Array {
  return from.map((value, i) => value - length * change[i]!);
}

/** How many parts people are split into. */
export const foldCount = 5;

/**
 * The outputs of probes for people who were not in their training: each fifth is evaluated by a probe trained on the
 * others.
 */
export function crossValidate(
  examples: readonly Example[],
  ridge: number,
  start?: Probe,
): { responses: number[]; accuracy: number; auc: number } {
  const responses = new Array<number>(examples.length);
  for (let fold = 0; fold < foldCount; fold++) {
    const held = (example: Example): boolean => foldOf(example.person) === fold;
    const probe = learn(
      examples.filter((example) => !held(example)),
      ridge,
      start,
    );
    examples.forEach((example, i) => {
      if (held(example)) responses[i] = respond(probe, example.inputs);
    });
  }
  const right = examples.filter(({ positive }, i) => responses[i]! > 0 === positive).length;
  const rated = examples.map(({ positive }, i) => ({ positive, value: responses[i]! }));
  return { responses, accuracy: right / examples.length, auc: areaUnderCurve(rated) };
}

/** The fold of a person, from 0 to {@link foldCount} − 1. */
export function foldOf(person: string): number {
  let hash = 0;
  for (const character of person) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) >>> 0;
  return hash % foldCount;
}

function momentsOf(examples: readonly Example[], size: number): { means: number[]; deviations: number[] } {
  const mean = (value: (inputs: ArrayLike<number>) => number): number =>
    examples.reduce((sum, { inputs }) => sum + value(inputs), 0) / examples.length;
  const means = Array.from({ length: size }, (_, i) => mean((inputs) => inputs[i]!));
  const deviations = means.map((centre, i) => Math.sqrt(mean((inputs) => (inputs[i]! - centre) ** 2)) + 1e-9);
  return { means, deviations };
}

/** Solves a symmetric positive definite system, given by its lower half, by Cholesky's method; the half is overwritten. */
function solve(matrix: Float64Array[], vector: Float64Array): Float64Array {
  const size = vector.length;
  const x = Float64Array.from(vector);
  for (let i = 0; i < size; i++) {
    const row = matrix[i]!;
    for (let j = 0; j <= i; j++) {
      const other = matrix[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(sum) : sum / other[j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
    x[i]! /= row[i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= matrix[k]![i]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  return x;
}
