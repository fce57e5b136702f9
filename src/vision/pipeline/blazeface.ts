/** Runs and decodes BlazeFace, the built-in detector. */

import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { type Detection, type Detector, squareAbout, type Tile } from './detector.ts';
import { apply, cropTransform, type Point } from './geometry.ts';

const inputSize = 256;
/** From −1 to 1. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 127.5 };
/** The network's two grids of anchors: cells per side and anchors per cell (MediaPipe's back model). */
const grids = [
  { scores: 'scores16', boxes: 'boxes16', cells: 16, anchors: 2 },
  { scores: 'scores8', boxes: 'boxes8', cells: 8, anchors: 6 },
] as const;
/** Numbers per anchor: the box's centre and size, then six points of which the first two are the eyes. */
const stride = 16;
/** Detections below this score are noise; those above it must still be confirmed by the mesh network. */
const scoreMin = 0.3;

/** BlazeFace with its network. It processes one tile at a time. */
export function blazeFace(network: Network): Detector {
  const input = new Float32Array(inputSize * inputSize * 3);
  return {
    async detect(picture, tile) {
      warpInto(input, inputSize, picture, cropTransform(inputSize, tile.centre, tile.side, tile.angle), normalization);
      return decode(await network.run(input, [1, inputSize, inputSize, 3]), tile);
    },
  };
}

function decode(outputs: Readonly<Record<string, Float32Array>>, tile: Tile): Detection[] {
  const toPicture = cropTransform(inputSize, tile.centre, tile.side, tile.angle);
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
