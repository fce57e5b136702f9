/** Overlap of boxes, and non-maximum suppression. */

/** An upright rectangle. */
interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A scored box. */
export interface Scored {
  readonly box: Rectangle;
  /** Higher is better. */
  readonly score: number;
}

/** The area that two boxes share. */
function shared(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** The intersection of two boxes over their union, 0 to 1: 1 only for equal boxes. */
export function iou(a: Rectangle, b: Rectangle): number {
  const both = shared(a, b);
  return both / (a.width * a.height + b.width * b.height - both);
}

/** The intersection of two boxes over the smaller one, 0 to 1: 1 where one lies inside the other. */
export function overlapOfSmaller(a: Rectangle, b: Rectangle): number {
  return shared(a, b) / Math.min(a.width * a.height, b.width * b.height);
}

/**
 * Groups detections of the same face (non-maximum suppression that returns what it suppresses, too).
 * @param alike {@link iou} or {@link overlapOfSmaller}.
 * @param alikeMax above which two boxes are one face.
 * @returns groups, each with its best score first and the others in falling order; the groups in falling order too.
 */
export function nonMaximumSuppression<T extends Scored>(
  detections: readonly T[],
  alike: (a: Rectangle, b: Rectangle) => number,
  alikeMax: number,
): readonly (readonly [T, ...T[]])[] {
  const groups: [T, ...T[]][] = [];
  for (const detection of detections.toSorted((a, b) => b.score - a.score)) {
    const group = groups.find(([best]) => alike(best.box, detection.box) > alikeMax);
    if (group) group.push(detection);
    else groups.push([detection]);
  }
  return groups;
}
