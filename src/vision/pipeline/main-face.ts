/** Decides which face of a picture is meant where a call means one (docs/contract.md §3.1). */
import type { Box } from '../../domain/face-analyzer.ts';

/** The sides of an upright picture. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Faces with at least this share of the largest area inside the picture are as large as the largest (docs/contract.md §3.1). */
const areaShareMin = 0.8;

/** Whether the centre of a box is in the picture: a face whose centre is outside is none (docs/contract.md §3.1). */
export function isCentredInside({ x, y, width, height }: Box, picture: Size): boolean {
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  return centreX >= 0 && centreX <= picture.width && centreY >= 0 && centreY <= picture.height;
}

/**
 * The face that is meant: the one with the largest area inside the picture, and of the faces that reach four fifths of
 * that area the one whose centre is nearest to the picture's.
 * @param boxes of the picture's faces, in the same pixels as `picture`.
 * @returns its index; of faces that are equally near the first, and -1 if there is none.
 */
export function mainFaceOf(boxes: readonly Box[], picture: Size): number {
  const areas = boxes.map((box) => areaInside(box, picture));
  const least = areaShareMin * Math.max(...areas);
  let [main, nearest] = [-1, Number.POSITIVE_INFINITY];
  for (const [i, box] of boxes.entries()) {
    const distance = distanceToMiddle(box, picture);
    if (areas[i]! >= least && distance < nearest) [main, nearest] = [i, distance];
  }
  return main;
}

function areaInside({ x, y, width, height }: Box, picture: Size): number {
  const across = Math.min(x + width, picture.width) - Math.max(x, 0);
  const down = Math.min(y + height, picture.height) - Math.max(y, 0);
  return Math.max(0, across) * Math.max(0, down);
}

function distanceToMiddle({ x, y, width, height }: Box, picture: Size): number {
  return Math.hypot(x + width / 2 - picture.width / 2, y + height / 2 - picture.height / 2);
}
