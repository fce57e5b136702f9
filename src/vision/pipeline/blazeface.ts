/** Runs and decodes BlazeFace, the built-in detector. */

import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { type Detection, type Detector, squareAbout } from './detector.ts';
import { apply, cropTransform, type Point, type SimilarityTransform, scaleOf } from './geometry.ts';

/** From −1 to 1. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 127.5 };
/** The network's two grids of anchors: pixels of the input for each cell, and anchors per cell (MediaPipe's back model). */
const grids = [
  { scores: 'scores16', boxes: 'boxes16', cell: 16, anchors: 2 },
  { scores: 'scores8', boxes: 'boxes8', cell: 32, anchors: 6 },
] as const;
/** Numbers per anchor: the box's centre and size, then six points of which the first two are the eyes. */
const stride = 16;

/** By how much a tile may be enlarged before the picture is decoded larger: the smallest faces have no pixel to spare. */
const enlargedMax = 1.2;

/** A form of BlazeFace. */
export interface BlazeFaceForm {
  /** Side of the network's input in pixels. */
  readonly inputSize: number;
  /** Detections below this score are not reported. */
  readonly scoreMin: number;
}

/** The usual form: what scores less is noise, and what scores more must still be confirmed by the mesh network. */
export const wholeForm: BlazeFaceForm = { inputSize: 256, scoreMin: 0.3 };
/** The form for a first look: what scores less was no face in 600 photographs (docs/decisions/0017-large-pictures.md). */
export const smallForm: BlazeFaceForm = { inputSize: 128, scoreMin: 0.25 };

/** BlazeFace with its network. It processes one tile at a time. */
export function blazeFace(network: Network, { inputSize, scoreMin } = wholeForm): Detector {
  // Most portraits need one form only.
  let input: Float32Array | undefined;
  return {
    async detect(picture, tile) {
      input ??= new Float32Array(inputSize * inputSize * 3);
      const toPicture = cropTransform(inputSize, tile.centre, tile.side, tile.angle);
      await picture.refine(scaleOf(toPicture), enlargedMax);
      warpInto(input, inputSize, picture, toPicture, normalization);
      return decode(await network.run(input, [1, inputSize, inputSize, 3]), { inputSize, scoreMin }, toPicture);
    },
  };
}

function decode(
  outputs: Readonly<Record<string, Float32Array>>,
  { inputSize, scoreMin }: BlazeFaceForm,
  toPicture: SimilarityTransform,
): Detection[] {
  return grids.flatMap(({ scores, boxes, cell: side, anchors }) => {
    const cells = inputSize / side;
    const found: Detection[] = [];
    const logits = outputs[scores]!;
    for (let i = 0; i < logits.length; i++) {
      const score = 1 / (1 + Math.exp(-logits[i]!));
      if (score < scoreMin) continue;
      const cell = Math.floor(i / anchors);
      const anchor = { x: ((cell % cells) + 0.5) * side, y: (Math.floor(cell / cells) + 0.5) * side };
      found.push(detectionOf(outputs[boxes]!.subarray(i * stride, (i + 1) * stride), anchor, score, toPicture));
    }
    return found;
  });
}

/** @param values of one anchor. @param anchor its place in the network's input. */
function detectionOf(values: Float32Array, anchor: Point, score: number, toPicture: SimilarityTransform): Detection {
  const at = (k: number): Point => apply(toPicture, { x: anchor.x + values[k]!, y: anchor.y + values[k + 1]! });
  const box = squareAbout(at(0), Math.max(values[2]!, values[3]!) * scaleOf(toPicture));
  return { box, score, eyes: [at(4), at(6)] };
}
