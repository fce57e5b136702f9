/** Runs BlazeFace over the whole picture, over tiles of it, and over the picture turned. */
import { apply, meanOf, type Point, placing } from './geometry.ts';
import { groupAlike, overUnion } from './kernels/nms.ts';
import type { Pyramid } from './kernels/pyramid.ts';
import { type Tone, warpInto } from './kernels/warp.ts';
import type { PackDetector } from './packs/yunet.ts';
import type { Network } from './runtime.ts';

/** A face as the detector sees it. */
export interface Detection {
  /** A square from the brows to the chin, in pixels of the picture. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** From 0 to 1. */
  readonly score: number;
  /** Centres of the person's right and left eye. */
  readonly eyes: readonly [right: Point, left: Point];
}

/** A square of the picture that the network looks at in one run. */
export interface Tile {
  readonly centre: Point;
  /** In pixels of the picture. */
  readonly side: number;
  /** How far the tile is turned, in radians, positive clockwise. */
  readonly angle: number;
}

const inputSize = 256;
/** From −1 to 1. */
const tone: Tone = { order: 'rgb', scale: 1 / 127.5, shift: [-1, -1, -1] };
/** The network's two grids of anchors: cells a side and anchors a cell (MediaPipe's back model). */
const grids = [
  { scores: 'scores16', boxes: 'boxes16', cells: 16, anchors: 2 },
  { scores: 'scores8', boxes: 'boxes8', cells: 8, anchors: 6 },
] as const;
/** Numbers an anchor: the box's centre and size, then six points of which the first two are the eyes. */
const stride = 16;
/** Below this an anchor is noise; what is above still has to look like a face to the mesh network. */
const scoreMin = 0.3;
/** Detections that share more than this are one face, as BlazeFace's authors have it. */
const alikeMax = 0.3;
/** Neighbouring tiles share this much of a side, so a face of up to half a tile is whole in one of them. */
const tileStep = 0.7;

/** The whole picture in one tile, turned by `angle`, with `margin` times its longer side. */
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

/** BlazeFace, or a detector that a pack puts in its place. */
export type Detector = Network | PackDetector;

/** Finds what may be a face in any of the tiles, each once, best first. */
export async function detect(detector: Detector, picture: Pyramid, tiles: readonly Tile[]): Promise<Detection[]> {
  const found: Detection[] = [];
  if ('look' in detector) {
    for (const tile of tiles) found.push(...(await detector.look(picture, tile)));
    return merge(found);
  }
  const input = new Float32Array(inputSize * inputSize * 3);
  for (const tile of tiles) {
    warpInto(input, inputSize, picture, placing(inputSize, tile.centre, tile.side, tile.angle), tone);
    found.push(...decode(await detector.run(input, [1, inputSize, inputSize, 3]), tile));
  }
  return merge(found);
}

/** One detection a face. */
export function merge(detections: readonly Detection[]): Detection[] {
  return groupAlike(detections, overUnion, alikeMax).map(blend);
}

function decode(outputs: Readonly<Record<string, Float32Array>>, tile: Tile): Detection[] {
  const toPicture = placing(inputSize, tile.centre, tile.side, tile.angle);
  const scale = tile.side / inputSize;
  return grids.flatMap(({ scores, boxes, cells, anchors }) => {
    const found: Detection[] = [];
    outputs[scores]!.forEach((logit, i) => {
      const score = 1 / (1 + Math.exp(-logit));
      if (score < scoreMin) return;
      const values = outputs[boxes]!.subarray(i * stride, (i + 1) * stride);
      const cell = Math.floor(i / anchors);
      const x = (((cell % cells) + 0.5) * inputSize) / cells;
      const y = ((Math.floor(cell / cells) + 0.5) * inputSize) / cells;
      const at = (k: number): Point => apply(toPicture, { x: x + values[k]!, y: y + values[k + 1]! });
      const side = Math.max(values[2]!, values[3]!) * scale;
      found.push({ box: squareAbout(at(0), side), score, eyes: [at(4), at(6)] });
    });
    return found;
  });
}

function squareAbout({ x, y }: Point, side: number): Detection['box'] {
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
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

/** The centre of a rectangle. */
export function middleOf({ x, y, width, height }: Detection['box']): Point {
  return meanOf([
    { x, y },
    { x: x + width, y: y + height },
  ]);
}
