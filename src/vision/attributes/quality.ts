/** Measures how fit a face is for recognition, and what is wrong with one that is not. */
import type { Quality, QualityFault } from '../../domain/face-analyzer.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import referenceFace from '../parameters/reference-face.json' with { type: 'json' };
import { arcFaceTemplate, placeOn } from '../pipeline/align.ts';
import { identityLength } from '../pipeline/embed.ts';
import { type Mesh, pointAt } from '../pipeline/mesh.ts';
import { poseOf } from './pose.ts';

/** Side of the aligned crop that light and sharpness are read from: what the recogniser is given. */
const size = 112;
/** Rec. 601's weights of red, green and blue. */
const luma = [0.299, 0.587, 0.114] as const;
/** Pixels between which brightness is compared: finer differences are mostly noise. */
const step = 2;

/**
 * The lengths of what the recogniser says at which the score is 0 and 100. It says the more, the surer it is: of pairs of
 * one person in LFW that are told apart at one false accept in a thousand, 35 % have a face below 45, 11 % one of 50 to
 * 55, 0.8 % none below 65 and 0.05 % none below 75 (docs/decisions/0006-quality.md).
 */
const [lengthOfNone, lengthOfAll] = [35, 75];

/**
 * The sharpness at which the score is at most 0 and 100: of what is blurred beyond recognition the recogniser grows sure
 * again, and is wrong.
 */
const [sharpnessOfNone, sharpnessOfAll] = [0.05, 0.19];

/** A score from which on nothing is said to be wrong. */
const goodEnough = 50;

/** What is measured of a face, to find what is wrong with it. */
export interface Symptoms {
  /** Pixels of the picture between the outer corners of the eyes. */
  readonly eyes: number;
  /** How much the aligned crop's brightness bends, as a share of its contrast. */
  readonly sharpness: number;
  /** Brightness of the crop, 0 to 255: the mean, and what 95 % of it are darker than. */
  readonly brightness: number;
  readonly brightest: number;
  /** Degrees by which the head is turned or pitched, whichever is more. */
  readonly turn: number;
}

/**
 * What each fault looks like, in the order in which they are looked for; who shows none is covered. The limits are where
 * photographs of LFW, made smaller, blurred, darker or brighter step by step, began to be taken for somebody else's.
 */
const faults: readonly (readonly [QualityFault, (symptoms: Symptoms) => boolean])[] = [
  ['small', ({ eyes }) => eyes < 18],
  ['dark', ({ brightest }) => brightest < 40],
  ['glaring', ({ brightness }) => brightness > 195],
  ['blurred', ({ sharpness }) => sharpness < 0.18],
  ['turned', ({ turn }) => turn > 30],
];

/**
 * How fit a face is.
 * @param recognised as the recogniser gives it (`recognise`), of the face and its mirror image added.
 * @param scale how many pixels of the picture that was sent are one of this picture.
 */
export function qualityOf(recognised: Float32Array, picture: Pyramid, mesh: Mesh, scale: number): Quality {
  const symptoms = symptomsOf(picture, mesh, scale);
  const score = scoreOf(Math.hypot(...recognised.subarray(0, identityLength)) / 2, symptoms.sharpness);
  return score < goodEnough ? { score, fault: faultOf(symptoms) } : { score };
}

/**
 * The score of a face, an integer from 0 to 100.
 * @param length of what the recogniser says.
 */
export function scoreOf(length: number, sharpness: number): number {
  const sure = (length - lengthOfNone) / (lengthOfAll - lengthOfNone);
  const sharp = (sharpness - sharpnessOfNone) / (sharpnessOfAll - sharpnessOfNone);
  return Math.round(100 * Math.max(0, Math.min(1, sure, sharp)));
}

/** What is most wrong with a face that shows these symptoms. */
export function faultOf(symptoms: Symptoms): QualityFault {
  return faults.find(([, shows]) => shows(symptoms))?.[0] ?? 'covered';
}

/** Measures what can be wrong with a face. @param scale as for {@link qualityOf}. */
export function symptomsOf(picture: Pyramid, mesh: Mesh, scale: number): Symptoms {
  const [right, left] = [pointAt(mesh, 33), pointAt(mesh, 263)];
  const grey = greyCrop(picture, mesh);
  const sorted = grey.toSorted();
  const brightness = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const square = grey.reduce((sum, value) => sum + (value - brightness) ** 2, 0) / grey.length;
  const { pitch, yaw } = poseOf(mesh.points, referenceFace);
  return {
    eyes: scale * Math.hypot(right.x - left.x, right.y - left.y),
    // A crop of one shade is as blurred as can be.
    sharpness: square > 0 ? bendOf(grey) / Math.sqrt(square) : 0,
    brightness,
    brightest: sorted[Math.floor(0.95 * sorted.length)]!,
    turn: Math.max(Math.abs(pitch), Math.abs(yaw)),
  };
}

function greyCrop(picture: Pyramid, mesh: Mesh): Float32Array {
  const crop = new Float32Array(3 * size * size);
  warpInto(crop, size, picture, placeOn(arcFaceTemplate, mesh));
  return Float32Array.from(
    { length: size * size },
    (_, i) => luma[0] * crop[3 * i]! + luma[1] * crop[3 * i + 1]! + luma[2] * crop[3 * i + 2]!,
  );
}

/** The mean of the Laplacian's absolute value. */
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
