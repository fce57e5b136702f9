/** Measures how much a face smiles, from an expression network, the shape of the mouth and faceres' feature. */

import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';
import { type Probe, probability, respond } from './linear.ts';

/** Probabilities of angry, disgust, fear, happy, sad, surprise, neutral. */
export type Expressions = Float32Array;
const expressionCount = 7;

/** What a smile is told by. */
export interface SmileProbes {
  /** Separates a smile from none by faceres' feature of unit length; its response is one of {@link smileInputs}. */
  readonly feature: Probe;
  /** Separates a smile, slight or broad, from none, by {@link smileInputs}. */
  readonly smiles: Probe;
  /** Separates a broad smile, as in laughter, from a slight one or none, by the same. */
  readonly laughs: Probe;
}

const inputSize = 64;
/** From −1 to 1. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 127.5 };
/**
 * The crops are these shares of the face's frame. The network was trained with faces cut from brow to chin; the mean of two
 * crops separates smiles better than either (docs/decisions/0007-attributes.md).
 */
const shares = [0.7, 0.9] as const;
/** Added to a probability before its logarithm is taken, so that it is finite. */
const floor = 1e-4;
/** Shares of red, green and blue in grey (ITU-R BT.601), as FER-2013's pictures were made. */
const greyShares = [0.299, 0.587, 0.114] as const;

/** Mesh points: the mouth's corners, its inner lips' middles, the outer eye corners, the face's sides. */
const mouth = { right: 61, left: 291, upper: 13, lower: 14 } as const;
const eyes = { right: 33, left: 263 } as const;
const sides = { right: 234, left: 454 } as const;

/** Runs the expression network on every face, on two crops of each. */
export async function recogniseExpressions(
  network: Network,
  picture: Pyramid,
  meshes: readonly Mesh[],
): Promise<Expressions[]> {
  using lentColours = lendFloats(inputSize * inputSize * 3);
  using lentInput = lendFloats(inputSize * inputSize);
  const [colours, input] = [lentColours.values, lentInput.values];
  const [red, green, blue] = greyShares;
  const expressed: Expressions[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    const mean = new Float32Array(expressionCount);
    for (const share of shares) {
      warpInto(colours, inputSize, picture, cropTransform(inputSize, centre, share * side, angle), normalization);
      for (let i = 0; i < input.length; i++) {
        input[i] = red * colours[3 * i]! + green * colours[3 * i + 1]! + blue * colours[3 * i + 2]!;
      }
      const { expressions } = await network.run(input, [1, inputSize, inputSize, 1]);
      for (let i = 0; i < mean.length; i++) mean[i]! += expressions![i]! / shares.length;
    }
    expressed.push(mean);
  }
  return expressed;
}

/**
 * The inputs of the smile probes: the mouth's width, its opening, the square root of its opening and the rise of its
 * corners, each divided by the distance between the eyes; its width divided by the face's; the logarithm of each
 * expression's probability; and the response of the probe of the feature.
 */
export function smileInputs(expressions: Expressions, mesh: Mesh, featureResponse: number): number[] {
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
    width / eyeDistance,
    opening,
    Math.sqrt(opening),
    rise / eyeDistance,
    width / distance(sides.right, sides.left),
    ...Array.from(expressions, (share) => Math.log(share + floor)),
    featureResponse,
  ];
}

/** The smile from 0 to 100: 0 for none, 50 for a slight one, 100 for a broad one, as in laughter. */
export function smileOf(probes: SmileProbes, inputs: readonly number[]): number {
  return 50 * probability(respond(probes.smiles, inputs)) + 50 * probability(respond(probes.laughs, inputs));
}
