/** Runs and decodes YuNet, a detector. */

import { warpInto } from '../kernels/warp.ts';
import type { Runtime } from '../models/runtime.ts';
import type { Detection, Detector, Tile } from '../pipeline/detector.ts';
import { apply, cropTransform, type Point, scaleOf } from '../pipeline/geometry.ts';
import { layOutInto, shapeOfInput } from './input.ts';
import type { DetectorPlan } from './manifest.ts';

/** Pixels of the input from one cell of a grid to the next, and numbers per cell of each output. */
const strides = [8, 16, 32] as const;
const widths = { cls: 1, obj: 1, bbox: 4, kps: 10 } as const;
/** Detections below this score are noise; those above it must still be confirmed by the mesh network. */
const scoreMin = 0.3;

type Outputs = Readonly<Record<string, Float32Array>>;

/**
 * Loads a YuNet and runs it once.
 * @throws Error if its outputs are not YuNet's.
 */
export async function loadYunet(runtime: Runtime, path: string, plan: DetectorPlan): Promise<Detector> {
  const network = await runtime.load(path);
  const { size } = plan.input;
  const crop = new Float32Array(3 * size * size);
  const input = new Float32Array(crop.length);
  const run = () => network.run(input, shapeOfInput(plan.input));
  checkOutputs(await run(), plan);
  return {
    async detect(picture, tile) {
      const toPicture = cropTransform(size, tile.centre, tile.side, tile.angle);
      await picture.refine(scaleOf(toPicture));
      warpInto(crop, size, picture, toPicture);
      layOutInto(input, crop, plan.input);
      return decodeYunet(await run(), size, tile);
    },
  };
}

/**
 * Decodes the outputs as OpenCV's FaceDetectorYN does: a cell's score is the geometric mean of `cls` and `obj`; `bbox`
 * is the centre's offset and the logarithm of the size, `kps` five points, all in strides from the cell's corner; the
 * first two points are the person's right and left eye.
 * @param size side of the input in pixels.
 */
export function decodeYunet(outputs: Outputs, size: number, tile: Tile): Detection[] {
  const toPicture = cropTransform(size, tile.centre, tile.side, tile.angle);
  const scale = tile.side / size;
  return strides.flatMap((stride) => {
    const [cls, obj, bbox, kps] = (['cls', 'obj', 'bbox', 'kps'] as const).map((name) => outputs[`${name}_${stride}`]!);
    const columns = size / stride;
    const found: Detection[] = [];
    cls!.forEach((value, i) => {
      const score = Math.sqrt(clip(value) * clip(obj![i]!));
      if (!(score >= scoreMin)) return;
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const at = (values: Float32Array, k: number): Point =>
        apply(toPicture, { x: (column + values[k]!) * stride, y: (row + values[k + 1]!) * stride });
      const centre = at(bbox!, 4 * i);
      const side = Math.exp(Math.max(bbox![4 * i + 2]!, bbox![4 * i + 3]!)) * stride * scale;
      const box = { x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side };
      found.push({ box, score, eyes: [at(kps!, 10 * i), at(kps!, 10 * i + 2)] });
    });
    return found;
  });
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function checkOutputs(outputs: Outputs, { file, input }: DetectorPlan): void {
  for (const stride of strides) {
    for (const [name, width] of Object.entries(widths)) {
      const [found, wanted] = [outputs[`${name}_${stride}`]?.length, width * (input.size / stride) ** 2];
      if (found !== wanted)
        throw new Error(`${file} is no YuNet: ${name}_${stride} has ${found ?? 'no'} numbers, not ${wanted}.`);
    }
  }
}
