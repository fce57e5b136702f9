/** Computes the reference face, against which a head's pose is measured, from many meshes. */
import { fitRotation, matrixOf, poseOf, type ReferenceFace } from '../../src/vision/attributes/pose.ts';

/** Outer eye corners, the top of the forehead and the chin. */
const rightEye = 33;
const leftEye = 263;
const forehead = 10;
const chin = 152;

/**
 * The mean shape of many meshes (generalised Procrustes analysis), made symmetric, looking straight ahead.
 * @param meshes the points (x, y, z) of every face.
 * @param straight meshes of people who look straight into the camera: their mean pitch is 0.
 */
export function learnReference(meshes: readonly Float32Array[], straight: readonly Float32Array[]): ReferenceFace {
  let points = upright(normalised(meshes[0]!));
  for (let round = 0; round < 5; round++) {
    const sum = new Float64Array(points.length);
    for (const mesh of meshes) {
      const aligned = rotated(normalised(mesh), matrixOf(fitRotation(mesh, points)));
      aligned.forEach((value, i) => {
        sum[i]! += value;
      });
    }
    points = upright(symmetric(upright(normalised(sum))));
  }
  const reference = { points: Array.from(points, (value) => Number(value.toFixed(4))), pitch: 0 };
  const pitch = straight.reduce((sum, mesh) => sum + poseOf(mesh, reference).pitch, 0) / straight.length;
  return { ...reference, pitch: Number((-pitch).toFixed(2)) };
}

/** Centred on the origin, with a mean distance of 1 from it. */
function normalised(points: ArrayLike<number>): Float64Array {
  const count = points.length / 3;
  const centre = [0, 1, 2].map((axis) => sumOf(count, (k) => points[3 * k + axis]!) / count);
  const moved = Float64Array.from(points, (value, i) => value - centre[i % 3]!);
  const size = Math.sqrt(sumOf(moved.length, (i) => moved[i]! ** 2) / count);
  return moved.map((value) => value / size);
}

/** Rotated so that the eyes are level and the chin is below the forehead. */
function upright(points: Float64Array): Float64Array {
  const x = direction(points, rightEye, leftEye);
  const down = direction(points, forehead, chin);
  const along = down[0]! * x[0]! + down[1]! * x[1]! + down[2]! * x[2]!;
  const y = unit(down.map((value, i) => value - along * x[i]!));
  const z = [x[1]! * y[2]! - x[2]! * y[1]!, x[2]! * y[0]! - x[0]! * y[2]!, x[0]! * y[1]! - x[1]! * y[0]!];
  return rotated(points, [x, y, z]);
}

/** The mean of a face and its mirror image; a point's twin is the one nearest to its mirror image. */
function symmetric(points: Float64Array): Float64Array {
  const count = points.length / 3;
  const middle = (points[3 * rightEye]! + points[3 * leftEye]!) / 2;
  const mirrored = points.map((value, i) => (i % 3 === 0 ? 2 * middle - value : value));
  const twinOf = (k: number): number => {
    const distance = (other: number): number =>
      sumOf(3, (axis) => (mirrored[3 * other + axis]! - points[3 * k + axis]!) ** 2);
    return Array.from({ length: count }, (_, i) => i).reduce((best, i) => (distance(i) < distance(best) ? i : best));
  };
  const twins = Array.from({ length: count }, (_, k) => twinOf(k));
  return points.map((value, i) => (value + mirrored[3 * twins[Math.floor(i / 3)]! + (i % 3)]!) / 2);
}

function rotated(points: Float64Array, matrix: readonly (readonly number[])[]): Float64Array {
  return points.map((_, i) => {
    const at = i - (i % 3);
    return sumOf(3, (axis) => matrix[i % 3]![axis]! * points[at + axis]!);
  });
}

function direction(points: Float64Array, from: number, to: number): number[] {
  return unit([0, 1, 2].map((axis) => points[3 * to + axis]! - points[3 * from + axis]!));
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function sumOf(count: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum;
}
