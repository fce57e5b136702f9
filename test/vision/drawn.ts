/**
 * Draws faces as three dots, and makes networks that see them. What the networks are given and answer has the form of the
 * real ones', so that the code between them runs as it is, without any weights.
 */
import sharp from 'sharp';
import type { Pixels } from '../../src/vision/kernels/pixels.ts';
import reference from '../../src/vision/parameters/reference-face.json' with { type: 'json' };
import {
  apply,
  directionOf,
  fitSimilarity,
  meanOf,
  type Point,
  type SimilarityTransform,
} from '../../src/vision/pipeline/geometry.ts';
import type { Mesh } from '../../src/vision/pipeline/mesh.ts';

/** A face in a picture. */
export interface DrawnFace {
  /** Where the middle of the face is, in pixels. */
  readonly centre: Point;
  /** Pixels of one unit of the reference face, which is 2.7 units wide and 3.2 high; its eyes are 1.2 apart. */
  readonly unit: number;
  /** Degrees, positive clockwise; upright if absent. */
  readonly degrees?: number;
  /** How sure a detector is of it, from 0 to 1: the brightness of the dots. */
  readonly sure?: number;
}

/** A face as a network sees it in its input. */
export interface DottedFace {
  /** The person's right eye, left eye and chin, in pixels of the input. */
  readonly dots: readonly [right: Point, left: Point, chin: Point];
  readonly degrees: number;
  readonly eyeDistance: number;
  readonly sure: number;
}

const pointOf = (index: number): Point => ({ x: reference.points[3 * index]!, y: reference.points[3 * index + 1]! });
/** Where the dots lie on the reference face. */
export const dotPlaces = [
  meanOf([33, 133, 159, 145].map(pointOf)),
  meanOf([263, 362, 386, 374].map(pointOf)),
  pointOf(152),
] as const;
/** In units of the reference face. */
const dotRadius = 0.2;

/** Carries the reference face to the picture. */
export function placementOf({ centre, unit, degrees = 0 }: DrawnFace): SimilarityTransform {
  const angle = (degrees * Math.PI) / 180;
  return { a: unit * Math.cos(angle), b: unit * Math.sin(angle), ...centre };
}

/** The mesh that fits a face exactly. */
export function meshOf(face: DrawnFace): Mesh {
  return { points: meshAt(placementOf(face), face.unit), presence: 1 };
}

function meshAt(placement: SimilarityTransform, unit: number): Float32Array {
  const points = new Float32Array(reference.points.length);
  for (let k = 0; k < points.length; k += 3) {
    const { x, y } = apply(placement, { x: reference.points[k]!, y: reference.points[k + 1]! });
    points.set([x, y, reference.points[k + 2]! * unit], k);
  }
  return points;
}

/** A black picture with dots for each face: red and green for the person's right and left eye, blue for the chin. */
export function draw(width: number, height: number, faces: readonly DrawnFace[]): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (const face of faces) {
    const radius = dotRadius * face.unit;
    dotPlaces.forEach((place, channel) => {
      const { x, y } = apply(placementOf(face), place);
      for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(height, y + radius); row++) {
        for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(width, x + radius); column++) {
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) < radius)
            data[(row * width + column) * 3 + channel] = Math.round(255 * (face.sure ?? 1));
        }
      }
    });
  }
  return { data, width, height };
}

/** The same picture as a file. */
export async function png(width: number, height: number, faces: readonly DrawnFace[]): Promise<Uint8Array> {
  const { data } = draw(width, height, faces);
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer(),
  );
}

/**
 * The faces in a square of pixels.
 * @param values red, green, blue from 0 to 255, interleaved.
 */
export function facesIn(values: ArrayLike<number>, size: number): DottedFace[] {
  const [reds, greens, blues] = [0, 1, 2].map((channel) => dotsIn(values, size, channel));
  return reds!.flatMap(({ at: right, peak }) => {
    const [left, chin] = [nearest(greens!, right), nearest(blues!, right)];
    if (!left || !chin) return [];
    return {
      dots: [right, left, chin],
      degrees: (directionOf(right, left) * 180) / Math.PI,
      eyeDistance: Math.hypot(left.x - right.x, left.y - right.y),
      sure: peak / 255,
    };
  });
}

interface Dot {
  readonly at: Point;
  readonly peak: number;
}

function nearest(dots: readonly Dot[], { x, y }: Point): Point | undefined {
  const distance = ({ at }: Dot) => Math.hypot(at.x - x, at.y - y);
  return dots.toSorted((a, b) => distance(a) - distance(b))[0]?.at;
}

/** What is brighter in one channel than in the others, each patch by its centre of gravity. */
function dotsIn(values: ArrayLike<number>, size: number, channel: number): Dot[] {
  const [other, another] = [(channel + 1) % 3, (channel + 2) % 3];
  const excess = new Float32Array(size * size);
  const bright: number[] = [];
  // Loops as plain as can be: a picture is searched some ten times.
  for (let i = 0; i < excess.length; i++) {
    const value = values[3 * i + channel]! - Math.max(values[3 * i + other]!, values[3 * i + another]!);
    excess[i] = value;
    if (value > 40) bright.push(i);
  }
  return bright.flatMap((start) => (excess[start]! > 0 ? takePatch(excess, size, start) : []));
}

/** The patch about a pixel, which is wiped out. */
function takePatch(excess: Float32Array, size: number, start: number): Dot {
  const patch = [start];
  let [sum, x, y, peak] = [0, 0, 0, 0];
  for (const i of patch) {
    const weight = excess[i]!;
    if (weight <= 0) continue;
    excess[i] = 0;
    sum += weight;
    x += weight * ((i % size) + 0.5);
    y += weight * (Math.floor(i / size) + 0.5);
    peak = Math.max(peak, weight);
    for (const [next, isBeside] of [
      [i - 1, i % size > 0],
      [i + 1, i % size < size - 1],
      [i - size, i >= size],
      [i + size, i < size * (size - 1)],
    ] as const)
      if (isBeside && excess[next]! > 10) patch.push(next);
  }
  return { at: { x: x / sum, y: y / sum }, peak };
}

/** The mesh that a network would fit to a dotted face, in pixels of the input. */
export function fittedTo({ dots }: DottedFace): Float32Array {
  const placement = fitSimilarity(dotPlaces, dots);
  return meshAt(placement, Math.hypot(placement.a, placement.b));
}
