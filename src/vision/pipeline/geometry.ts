/** Points and similarity transforms, which map crops to pictures and back. */

/** A point; in a picture the centre of the first pixel is (0.5, 0.5). */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rotation, scaling and shift without reflection: (x, y) ↦ (a·x − b·y + x₀, b·x + a·y + y₀). */
export interface SimilarityTransform {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
}

/** Applies the transform to a point. */
export function apply(transform: SimilarityTransform, { x, y }: Point): Point {
  const { a, b } = transform;
  return { x: a * x - b * y + transform.x, y: b * x + a * y + transform.y };
}

/** The inverse of a transform whose scale is not 0. */
export function invert({ a, b, x, y }: SimilarityTransform): SimilarityTransform {
  const square = a * a + b * b;
  return { a: a / square, b: -b / square, x: -(a * x + b * y) / square, y: (b * x - a * y) / square };
}

/** The factor by which the transform scales lengths. */
export function scaleOf({ a, b }: SimilarityTransform): number {
  return Math.hypot(a, b);
}

/** The rotation of the transform in radians, positive clockwise in a picture (whose y points down). */
export function angleOf({ a, b }: SimilarityTransform): number {
  return Math.atan2(b, a);
}

/**
 * The transform that maps a square crop of `size` pixels to the square of side `side` about `centre`, rotated clockwise
 * by `angle` radians.
 */
export function cropTransform(size: number, centre: Point, side: number, angle: number): SimilarityTransform {
  const a = (Math.cos(angle) * side) / size;
  const b = (Math.sin(angle) * side) / size;
  const half = size / 2;
  return { a, b, x: centre.x - a * half + b * half, y: centre.y - b * half - a * half };
}

/**
 * The similarity transform that best maps `from` to `to`, by least squares (Umeyama, IEEE PAMI 13(4), 1991; in the
 * plane and without reflection the solution is a quotient of complex sums).
 * @param from at least two different points.
 * @param to as many points.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): SimilarityTransform {
  const f = meanOf(from);
  const t = meanOf(to);
  let real = 0;
  let imaginary = 0;
  let square = 0;
  from.forEach((point, i) => {
    const x = point.x - f.x;
    const y = point.y - f.y;
    const u = to[i]!.x - t.x;
    const v = to[i]!.y - t.y;
    real += x * u + y * v;
    imaginary += x * v - y * u;
    square += x * x + y * y;
  });
  const a = real / square;
  const b = imaginary / square;
  return { a, b, x: t.x - a * f.x + b * f.y, y: t.y - b * f.x - a * f.y };
}

/** The mean of at least one point. */
export function meanOf(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}

/** The direction from one point to another in radians, 0 to the right, positive clockwise in a picture. */
export function directionOf(from: Point, to: Point): number {
  return Math.atan2(to.y - from.y, to.x - from.x);
}
