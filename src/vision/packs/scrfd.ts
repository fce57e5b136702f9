/** Decodes SCRFD (arXiv:2105.04714), a detector, as InsightFace exports it with five points. */
import type { Detection } from '../pipeline/detector.ts';
import { apply, type Point, type SimilarityTransform } from '../pipeline/geometry.ts';
import { checkLength, type Decoder, scoreMin, squareOf, strides } from './detector-outputs.ts';
import type { ScrfdPlan } from './manifest.ts';

/** Anchors of each cell. */
const anchors = 2;
/** Numbers per anchor: its score, four distances, five points. */
const widths = [1, 4, 10] as const;

/** The three outputs of one grid. */
interface Grid {
  readonly scores: Float32Array;
  readonly boxes: Float32Array;
  readonly points: Float32Array;
}

/** SCRFD; its outputs have no names of their own, so that the plan tells them. */
export function scrfd({ file, input: { size }, outputs: names }: ScrfdPlan): Decoder {
  // The scores of every grid come first, then the boxes, then the points.
  const nameOf = (part: number, grid: number): string => names[part * strides.length + grid]!;
  return {
    check(outputs) {
      for (const [grid, stride] of strides.entries()) {
        const count = anchors * (size / stride) ** 2;
        for (const [part, width] of widths.entries())
          checkLength(outputs, nameOf(part, grid), width * count, `${file} is no SCRFD with five points`);
      }
    },
    decode: (outputs, toPicture) =>
      strides.flatMap((stride, grid) => {
        const [scores, boxes, points] = widths.map((_, part) => outputs[nameOf(part, grid)]!);
        return decodeGrid({ scores: scores!, boxes: boxes!, points: points! }, stride, size / stride, toPicture);
      }),
  };
}

/**
 * Decodes a grid as InsightFace's `scrfd.py` does: an anchor lies in the corner of its cell; its box is given by the
 * distances from there to the left, upper, right and lower side, and its points by theirs, all in strides; the first two
 * points are the person's right and left eye. Scores are probabilities.
 */
function decodeGrid(
  { scores, boxes, points }: Grid,
  stride: number,
  columns: number,
  toPicture: SimilarityTransform,
): Detection[] {
  const found: Detection[] = [];
  scores.forEach((score, i) => {
    if (!(score >= scoreMin)) return;
    const cell = Math.floor(i / anchors);
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    const at = (x: number, y: number): Point => apply(toPicture, { x: (column + x) * stride, y: (row + y) * stride });
    const [left, top, right, bottom] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const centre = at((right - left) / 2, (bottom - top) / 2);
    const box = squareOf(centre, (left + right) * stride, (top + bottom) * stride, toPicture);
    const point = (k: number): Point => at(points[10 * i + k]!, points[10 * i + k + 1]!);
    found.push({ box, score: Math.min(1, score), eyes: [point(0), point(2)] });
  });
  return found;
}
