/** Runs the detector of a pack. */
import { warpInto } from '../kernels/warp.ts';
import type { Runtime } from '../models/runtime.ts';
import type { Detector } from '../pipeline/detector.ts';
import { cropTransform, scaleOf } from '../pipeline/geometry.ts';
import type { Decoder } from './detector-outputs.ts';
import { layOutInto, shapeOfInput } from './input.ts';
import type { DetectorPlan } from './manifest.ts';
import { scrfd } from './scrfd.ts';
import { yunet } from './yunet.ts';

/**
 * Loads a detector and runs it once.
 * @throws Error if its outputs are not those of its kind.
 */
export async function loadDetector(runtime: Runtime, path: string, plan: DetectorPlan): Promise<Detector> {
  const network = await runtime.load(path);
  const { size } = plan.input;
  const decoder = decoderOf(plan);
  const crop = new Float32Array(3 * size * size);
  const input = new Float32Array(crop.length);
  const run = () => network.run(input, shapeOfInput(plan.input));
  decoder.check(await run());
  return {
    async detect(picture, tile) {
      const toPicture = cropTransform(size, tile.centre, tile.side, tile.angle);
      await picture.refine(scaleOf(toPicture));
      warpInto(crop, size, picture, toPicture);
      layOutInto(input, crop, plan.input);
      return decoder.decode(await run(), toPicture);
    },
  };
}

function decoderOf(plan: DetectorPlan): Decoder {
  return plan.kind === 'yunet' ? yunet(plan) : scrfd(plan);
}
