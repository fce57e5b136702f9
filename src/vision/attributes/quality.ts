/** Measures how fit a face is for recognition, and what is wrong with one that is not. */
import type { Quality, QualityFault } from '../../domain/face-analyzer.ts';
import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import referenceFace from '../parameters/reference-face.json' with { type: 'json' };
import { arcFaceTemplate, facePointsOf, placeOn } from '../pipeline/align.ts';
import { type Mesh, pointAt } from '../pipeline/mesh.ts';
import { poseOf } from './pose.ts';

/** Side in pixels of the aligned crop that brightness and sharpness are measured on: the recogniser's input. */
const size = 112;
/** Rec. 601's weights of red, green and blue. */
const luma = [0.299, 0.587, 0.114] as const;
/** Pixels between which brightness is compared: finer differences are mostly noise. */
const step = 2;

/**
 * The lengths of the recogniser's output vector at which the score is 0 and 100. The vector is longer for faces that
 * are recognised more reliably: at one false accept in a thousand, the recogniser misses 35 % of the pairs of one
 * person in LFW with a face below 45, 11 % of those with one of 50 to 55, 0.8 % of those with none below 65 and 0.05 %
 * of those with none below 75 (docs/decisions/0006-quality.md).
 */
const [lengthOfNone, lengthOfAll] = [35, 75];

/**
 * The sharpness at which the score is at most 0 and at most 100. Sharpness limits the score because the output vector
 * of a face that is blurred beyond recognition is long again.
 */
const [sharpnessOfNone, sharpnessOfAll] = [0.05, 0.19];

/** No fault is reported from this score on. */
const goodEnough = 50;

/** What is measured on a face to find its fault. */
export interface Symptoms {
  /** Pixels of the picture between the outer corners of the eyes. */
  readonly eyes: number;
  /** The mean absolute Laplacian of the aligned crop's brightness, divided by its standard deviation. */
  readonly sharpness: number;
  /** Brightness of the crop, 0 to 255: the mean, and the 95th percentile. */
  readonly brightness: number;
  readonly brightest: number;
  /** The larger of the absolute yaw and the absolute pitch, in degrees. */
  readonly turn: number;
}

/**
 * The condition of each fault, in the order in which they are checked; a face that meets none is covered. Each limit is
 * where photographs of LFW that were made smaller, more blurred, darker or brighter step by step began to be mistaken
 * for other persons'.
 */
const faults: readonly (readonly [QualityFault, (symptoms: Symptoms) => boolean])[] = [
  ['small', ({ eyes }) => eyes < 18],
  ['dark', ({ brightest }) => brightest < 40],
  ['glaring', ({ brightness }) => brightness > 195],
  ['blurred', ({ sharpness }) => sharpness < 0.18],
  ['turned', ({ turn }) => turn > 30],
];

/**
 * The quality of a face.
 * @param recognised the output of `recognise`: the sum over the face and its mirror image.
 * @param scale pixels of the picture that was sent for one pixel of this picture.
 */
export function qualityOf(recognised: Float32Array, picture: Pyramid, mesh: Mesh, scale: number): Quality {
  const grey = greyCrop(picture, mesh);
  const score = scoreOf(Math.hypot(...recognised) / 2, sharpnessOf(grey));
  return score < goodEnough ? { score, fault: faultOf(symptomsOf(grey, mesh, scale)) } : { score };
}

/**
 * The score of a face, an integer from 0 to 100.
 * @param length of the recogniser's output vector.
 */
export function scoreOf(length: number, sharpness: number): number {
  const sure = (length - lengthOfNone) / (lengthOfAll - lengthOfNone);
  const sharp = (sharpness - sharpnessOfNone) / (sharpnessOfAll - sharpnessOfNone);
  return Math.round(100 * Math.max(0, Math.min(1, sure, sharp)));
}

/** The first fault whose condition these measurements meet; `covered` if there is none. */
export function faultOf(symptoms: Symptoms): QualityFault {
  return faults.find(([, shows]) => shows(symptoms))?.[0] ?? 'covered';
}

/** Measures a face, to find its fault. @param grey its crop. */
function symptomsOf(grey: Float32Array, mesh: Mesh, scale: number): Symptoms {
  const [right, left] = [pointAt(mesh, 33), pointAt(mesh, 263)];
  const { pitch, yaw } = poseOf(mesh.points, referenceFace);
  return {
    eyes: scale * Math.hypot(right.x - left.x, right.y - left.y),
    sharpness: sharpnessOf(grey),
    brightness: meanOf(grey),
    brightest: grey.toSorted()[Math.floor(0.95 * grey.length)]!,
    turn: Math.max(Math.abs(pitch), Math.abs(yaw)),
  };
}

function meanOf(grey: Float32Array): number {
  return grey.reduce((sum, value) => sum + value, 0) / grey.length;
}

function sharpnessOf(grey: Float32Array): number {
  const mean = meanOf(grey);
  const square = grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
  // A crop of a single brightness counts as fully blurred.
  return square > 0 ? bendOf(grey) / Math.sqrt(square) : 0;
}

function greyCrop(picture: Pyramid, mesh: Mesh): Float32Array {
  using lent = lendFloats(3 * size * size);
  const crop = lent.values;
  warpInto(crop, size, picture, placeOn(arcFaceTemplate, facePointsOf(mesh)));
  return Float32Array.from(
    { length: size * size },
    (_, i) => luma[0] * crop[3 * i]! + luma[1] * crop[3 * i + 1]! + luma[2] * crop[3 * i + 2]!,
  );
}

/** The mean absolute value of the Laplacian. */
function bendOf(grey: Float32Array): number {
  let sum = 0;
  for (let y = step; y < size - step; y++) {
    for (let x = step; x < size - step; x++) {
      const i = y * size + x;
      const around = grey[i - step]! + grey[i + step]! + grey[i - step * size]! + grey[i + step * size]!;
      sum += Math.abs(4 * grey[i]! - around);
    }
  }
  return sum / (size - 2 * step) ** 2;
}
