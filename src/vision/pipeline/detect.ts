/** Runs a detector on the whole picture, on tiles of it or on the rotated picture, and merges the detections. */

import { iou, nonMaximumSuppression } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Detection, type Detector, middleOf, squareAbout, type Tile } from './detector.ts';
import type { Point } from './geometry.ts';

/** Detections with an IoU above this are one face; the value is that of BlazeFace's authors. */
const alikeMax = 0.3;
/**
 * Neighbouring tiles are at most this share of a side apart, so a face of up to 0.3 of a side is whole in one of them.
 */
const tileStep = 0.7;

/** One tile over the whole picture, rotated by `angle`, whose side is `margin` times the longer side. */
export function wholeTile({ base: { width, height } }: Pyramid, margin: number, angle: number): Tile {
  return { centre: { x: width / 2, y: height / 2 }, side: margin * Math.max(width, height), angle };
}

/** Tiles of this side, in pixels of the picture, that cover it. */
export function tilesOf({ base: { width, height } }: Pyramid, side: number): Tile[] {
  const starts = (length: number): number[] => {
    if (length <= side) return [(length - side) / 2];
    const steps = Math.ceil((length - side) / (side * tileStep));
    return Array.from({ length: steps + 1 }, (_, i) => (i * (length - side)) / steps);
  };
  return starts(height).flatMap((top) =>
    starts(width).map((left) => ({ centre: { x: left + side / 2, y: top + side / 2 }, side, angle: 0 })),
  );
}

/** Finds possible faces in the tiles, each once, best first. */
export async function detect(detector: Detector, picture: Pyramid, tiles: readonly Tile[]): Promise<Detection[]> {
  const found: Detection[] = [];
  for (const tile of tiles) found.push(...(await detector.detect(picture, tile)));
  return merge(found);
}

/** Merges detections of the same face into one. */
export function merge(detections: readonly Detection[]): Detection[] {
  return nonMaximumSuppression(detections, iou, alikeMax).map(blend);
}

/** The average of the group weighted by score, as BlazeFace's authors do, with the best score. */
function blend(group: readonly [Detection, ...Detection[]]): Detection {
  const total = group.reduce((sum, { score }) => sum + score, 0);
  const mean = (value: (detection: Detection) => number): number =>
    group.reduce((sum, detection) => sum + value(detection) * detection.score, 0) / total;
  const meanPoint = (point: (detection: Detection) => Point): Point => ({
    x: mean((detection) => point(detection).x),
    y: mean((detection) => point(detection).y),
  });
  return {
    box: squareAbout(
      meanPoint(({ box }) => middleOf(box)),
      mean(({ box }) => box.width),
    ),
    score: group[0].score,
    eyes: [meanPoint(({ eyes }) => eyes[0]), meanPoint(({ eyes }) => eyes[1])],
  };
}
