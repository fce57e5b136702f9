/** Measures how much a face smiles, from an expression network and the shape of the mouth. */

import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';
import { logOdds, type Probe, probability, respond } from './linear.ts';

/** Probabilities of angry, disgust, fear, happy, sad, surprise, neutral. */
export type Expressions = Float32Array;

/** Two probes over {@link smileInputs}. */
export interface SmileProbes {
  /** Separates a smile, slight or broad, from none. */
  readonly smiles: Probe;
  /** Separates a broad smile, as in laughter, from a slight one or none. */
  readonly laughs: Probe;
}

const inputSize = 64;
/** From −1 to 1. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 127.5 };
const happy = 3;
/** Shares of red, green and blue in grey (ITU-R BT.601), as FER-2013's pictures were made. */
const greyShares = [0.299, 0.587, 0.114] as const;

/** Mesh points: the mouth's corners, its inner lips' middles, the outer eye corners, the face's sides. */
const mouth = { right: 61, left: 291, upper: 13, lower: 14 } as const;
const eyes = { right: 33, left: 263 } as const;
const sides = { right: 234, left: 454 } as const;

/** Runs the expression network on every face. */
export async function recogniseExpressions(
  network: Network,
  picture: Pyramid,
  meshes: readonly Mesh[],
): Promise<Expressions[]> {
  const colours = new Float32Array(inputSize * inputSize * 3);
  const input = new Float32Array(inputSize * inputSize);
  const [red, green, blue] = greyShares;
  const expressed: Expressions[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(colours, inputSize, picture, cropTransform(inputSize, centre, side, angle), normalization);
    for (let i = 0; i < input.length; i++) {
      input[i] = red * colours[3 * i]! + green * colours[3 * i + 1]! + blue * colours[3 * i + 2]!;
    }
    const { expressions } = await network.run(input, [1, inputSize, inputSize, 1]);
    expressed.push(expressions!);
  }
  return expressed;
}

/**
 * The inputs of the smile probes: the log-odds of `happy`; the mouth's width, its opening, the square root of its
 * opening and the rise of its corners, each divided by the distance between the eyes; and its width divided by the
 * face's.
 */
export function smileInputs(expressions: Expressions, mesh: Mesh): number[] {
  const { points } = mesh;
  const distance = (a: number, b: number): number =>
    Math.hypot(
      points[3 * a]! - points[3 * b]!,
      points[3 * a + 1]! - points[3 * b + 1]!,
      points[3 * a + 2]! - points[3 * b + 2]!,
    );
  const eyeDistance = distance(eyes.right, eyes.left);
  const { angle } = frameOf(mesh);
  const height = (i: number): number => points[3 * i + 1]! * Math.cos(angle) - points[3 * i]! * Math.sin(angle);
  const width = distance(mouth.right, mouth.left);
  const opening = distance(mouth.upper, mouth.lower) / eyeDistance;
  const rise = (height(mouth.upper) + height(mouth.lower) - height(mouth.right) - height(mouth.left)) / 2;
  return [
    logOdds(expressions[happy]!),
    width / eyeDistance,
    opening,
    Math.sqrt(opening),
    rise / eyeDistance,
    width / distance(sides.right, sides.left),
  ];
}

/** The smile from 0 to 100: 0 for none, 50 for a slight one, 100 for a broad one, as in laughter. */
export function smileOf(probes: SmileProbes, inputs: readonly number[]): number {
  return 50 * probability(respond(probes.smiles, inputs)) + 50 * probability(respond(probes.laughs, inputs));
}
