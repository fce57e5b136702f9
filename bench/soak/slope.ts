/** Fits a line to measurements, to find whether they grow. */

/** A straight line through points. */
export interface Line {
  /** What is added for each unit of x. */
  readonly slope: number;
  /** Half the width of the 95 % interval of the slope, assuming independent errors. */
  readonly slopeError: number;
}

/** One measurement. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The line of least squares. At least three points at different x. */
export function lineThrough(points: readonly Point[]): Line {
  const n = points.length;
  const mean = (of: (point: Point) => number): number => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [middleX, middleY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - middleX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - middleX) * (y - middleY), 0) / spread;
  const misses = points.reduce((sum, { x, y }) => sum + (y - middleY - slope * (x - middleX)) ** 2, 0);
  return { slope, slopeError: 2 * Math.sqrt(misses / (n - 2) / spread) };
}
