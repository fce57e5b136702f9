/** Measures how a head is turned: the rotation between a mesh and a reference face. */

/** How a head is turned, in degrees. */
export interface Pose {
  /** Positive with the chin up. */
  readonly pitch: number;
  /** Positive with the nose to the picture's right. */
  readonly yaw: number;
  /** Positive clockwise in the picture, from -180 to 180. */
  readonly roll: number;
}

/** The shape of a face that looks straight ahead: x to the picture's right, y down, z away from the viewer. */
export interface ReferenceFace {
  /** As many (x, y, z) as a mesh has. */
  readonly points: readonly number[];
  /** The reference's own pitch, in degrees. */
  readonly pitch: number;
}

/** A unit quaternion (w, x, y, z). */
type Quaternion = readonly [number, number, number, number];

/**
 * The head's pose: the rotation that best fits the reference to the mesh, as a pitch, then a yaw, then a roll. In this
 * order a photograph that is rotated in its plane changes only the roll.
 * @param points (x, y, z) of a mesh.
 * @returns NaN for every angle if a coordinate of the mesh is not finite.
 */
export function poseOf(points: ArrayLike<number>, reference: ReferenceFace): Pose {
  for (let k = 0; k < points.length; k++) {
    if (!Number.isFinite(points[k])) return { pitch: Number.NaN, yaw: Number.NaN, roll: Number.NaN };
  }
  const r = matrixOf(fitRotation(reference.points, points));
  const degrees = 180 / Math.PI;
  return {
    pitch: reference.pitch - Math.atan2(r[2]![1]!, r[2]![2]!) * degrees,
    yaw: Math.asin(Math.max(-1, Math.min(1, r[2]![0]!))) * degrees,
    roll: Math.atan2(r[1]![0]!, r[0]![0]!) * degrees,
  };
}

/**
 * The rotation that best maps `from` to `to`, whatever their scales and positions: the eigenvector of the largest
 * eigenvalue of Horn's matrix (J. Opt. Soc. Am. A 4(4), 1987), found by squaring the matrix.
 * @param from (x, y, z) of at least three points that are not in line.
 * @param to as many points.
 */
export function fitRotation(from: ArrayLike<number>, to: ArrayLike<number>): Quaternion {
  const s = covariance(from, to);
  const [xx, xy, xz] = s[0]!;
  const [yx, yy, yz] = s[1]!;
  const [zx, zy, zz] = s[2]!;
  // Four rows of four, one after the other.
  let m = [
    ...[xx! + yy! + zz!, yz! - zy!, zx! - xz!, xy! - yx!],
    ...[yz! - zy!, xx! - yy! - zz!, xy! + yx!, zx! + xz!],
    ...[zx! - xz!, xy! + yx!, yy! - xx! - zz!, yz! + zy!],
    ...[xy! - yx!, zx! + xz!, yz! + zy!, zz! - xx! - yy!],
  ];
  // Adding the norm makes every eigenvalue positive, so that powers of the matrix converge to the largest.
  const norm = Math.hypot(...m);
  m = m.map((value, i) => value / norm + (i % 5 === 0 ? 1 : 0));
  for (let k = 0; k < 20; k++) m = normalised(squared(m));
  const rows = [0, 4, 8, 12].map((i) => m.slice(i, i + 4));
  const lengths = rows.map((row) => Math.hypot(...row));
  const length = Math.max(...lengths);
  const column = rows[lengths.indexOf(length)]!;
  return [column[0]! / length, column[1]! / length, column[2]! / length, column[3]! / length];
}

/** The rotation matrix of a unit quaternion, by rows. */
export function matrixOf([w, x, y, z]: Quaternion): readonly (readonly number[])[] {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/** Sums of products of the centred coordinates: entry [i][j] pairs axis i of `from` with axis j of `to`. */
function covariance(from: ArrayLike<number>, to: ArrayLike<number>): number[][] {
  const f = centroid(from);
  const t = centroid(to);
  const sums = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let k = 0; k < from.length; k += 3) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) sums[i]![j]! += (from[k + i]! - f[i]!) * (to[k + j]! - t[j]!);
    }
  }
  return sums;
}

function centroid(points: ArrayLike<number>): number[] {
  const sum = [0, 0, 0];
  for (let k = 0; k < points.length; k++) sum[k % 3]! += points[k]!;
  return sum.map((value) => (3 * value) / points.length);
}

/** The product of a matrix of four rows with itself; loops, as it is made twenty times for each face. */
function squared(m: readonly number[]): number[] {
  const product: number[] = [];
  for (let row = 0; row < 16; row += 4) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += m[row + k]! * m[4 * k + column]!;
      product.push(sum);
    }
  }
  return product;
}

/** Scales numbers in place so that their squares add up to 1. */
function normalised(m: number[]): number[] {
  const norm = Math.hypot(...m);
  for (let i = 0; i < m.length; i++) m[i]! /= norm;
  return m;
}
