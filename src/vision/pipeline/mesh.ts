/** Runs MediaPipe's face mesh: 468 three-dimensional points of a face. */
import { Refusal } from '../../errors/refusals.ts';
import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import type { Detection } from './detector.ts';
import { apply, cropTransform, directionOf, type Point, type SimilarityTransform, scaleOf } from './geometry.ts';

/** The mesh of one face. */
export interface Mesh {
  /** 468 × (x, y, depth) in pixels of the picture; depth grows away from the viewer. */
  readonly points: Float32Array;
  /** The probability, by the network, that its input shows a face, from 0 to 1. */
  readonly presence: number;
}

/** A square about a face, rotated with it. */
export interface Frame {
  readonly centre: Point;
  /** The longer side of the mesh's box, in pixels of the picture. */
  readonly side: number;
  /** Radians, positive clockwise. */
  readonly angle: number;
}

/** Points of a mesh. */
export const pointCount = 468;
/** Outer corners of the person's right and left eye. */
const rightEye = 33;
const leftEye = 263;

const inputSize = 192;
/** From 0 to 1. */
const normalization: Normalization = { order: 'rgb', mean: [0, 0, 0], std: 255 };
/** The crop is this much larger than the face's box, as in the network's training. */
const margin = 1.5;
/** From half as many pixels as its input has, the network finds the points as well (docs/decisions/0017-large-pictures.md). */
const enlargedUsually = 2;

/** Point `index` of a mesh, its depth left out. */
export function pointAt({ points }: Mesh, index: number): Point {
  return { x: points[3 * index]!, y: points[3 * index + 1]! };
}

/** The square about a whole mesh, rotated with the line between the eyes. */
export function frameOf(mesh: Mesh): Frame {
  const { points } = mesh;
  const angle = directionOf(pointAt(mesh, rightEye), pointAt(mesh, leftEye));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < 3 * pointCount; i += 3) {
    const [x, y] = [points[i]!, points[i + 1]!];
    const u = x * cos + y * sin;
    const v = y * cos - x * sin;
    left = Math.min(left, u);
    right = Math.max(right, u);
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const u = (left + right) / 2;
  const v = (top + bottom) / 2;
  return {
    centre: { x: u * cos - v * sin, y: u * sin + v * cos },
    side: Math.max(right - left, bottom - top),
    angle,
  };
}

/** The square about a detection, rotated with the line between the eyes. */
export function frameOfDetection({ box, eyes }: Detection): Frame {
  return {
    centre: { x: box.x + box.width / 2, y: box.y + box.height / 2 },
    side: box.width,
    angle: directionOf(eyes[0], eyes[1]),
  };
}

/**
 * Fits a mesh into each frame. Depths are not checked here: those who need them do.
 * @param enlargedMax by how much the network's input may be enlarged before the picture is decoded larger.
 * @throws Refusal `shapeFailed` if the network fails, or a point is not finite.
 */
export async function fitMeshes(
  network: Network,
  picture: Pyramid,
  frames: readonly Frame[],
  enlargedMax = enlargedUsually,
): Promise<Mesh[]> {
  using lent = lendFloats(inputSize * inputSize * 3);
  const input = lent.values;
  const meshes: Mesh[] = [];
  await picture.refine((margin * Math.min(...frames.map(({ side }) => side))) / inputSize, enlargedMax);
  for (const frame of frames) {
    const { centre, side, angle } = frame;
    const placement = cropTransform(inputSize, centre, margin * side, angle);
    warpInto(input, inputSize, picture, placement, normalization);
    const run = network.run(input, [1, inputSize, inputSize, 3]);
    const { landmarks, flag } = await run.catch((cause: unknown) => {
      throw new Refusal('shapeFailed', '', { cause });
    });
    const points = toPicture(landmarks!, placement);
    if (!isFinitePlane(points)) throw new Refusal('shapeFailed', 'a point of the mesh is no number');
    meshes.push({ points, presence: flag![0]! });
  }
  return meshes;
}

/**
 * Fits each mesh once more, in its own frame: the first frame is as good as the detector's box, and the embedding can be no
 * better than the points by which a face is aligned (docs/decisions/0017-large-pictures.md).
 */
export function settleMeshes(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<Mesh[]> {
  return fitMeshes(network, picture, meshes.map(frameOf));
}

/** Whether every point has a place in the picture. */
function isFinitePlane(points: Float32Array): boolean {
  for (let i = 0; i < points.length; i += 3) {
    if (!Number.isFinite(points[i]!) || !Number.isFinite(points[i + 1]!)) return false;
  }
  return true;
}

function toPicture(landmarks: Float32Array, placement: SimilarityTransform): Float32Array {
  const points = new Float32Array(landmarks.length);
  const scale = scaleOf(placement);
  for (let i = 0; i < points.length; i += 3) {
    const { x, y } = apply(placement, { x: landmarks[i]!, y: landmarks[i + 1]! });
    points[i] = x;
    points[i + 1] = y;
    points[i + 2] = landmarks[i + 2]! * scale;
  }
  return points;
}

/** The upright rectangle about a whole mesh. */
export function boxOf({ points }: Mesh): Detection['box'] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
