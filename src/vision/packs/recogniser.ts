/** Runs the recogniser of a pack. */
import { Refusal } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import type { Network, Runtime } from '../models/runtime.ts';
import { placeOn } from '../pipeline/align.ts';
import { scaleOf } from '../pipeline/geometry.ts';
import type { Mesh } from '../pipeline/mesh.ts';
import { layOutInto, shapeOfInput } from './input.ts';
import type { RecogniserPlan } from './manifest.ts';

/** A recogniser that is ready to run. */
export interface PackRecogniser {
  /**
   * Embeds every face: a vector of unit length.
   * @throws Refusal `featureFailed` if an embedding is zero or not finite.
   */
  embed(picture: Pyramid, meshes: readonly Mesh[]): Promise<Float32Array[]>;
}

/**
 * Loads a recogniser and runs it once.
 * @throws Error if it does not match the manifest.
 */
export async function loadRecogniser(runtime: Runtime, path: string, plan: RecogniserPlan): Promise<PackRecogniser> {
  const network = await runtime.load(path);
  const { size } = plan.input;
  await outputOf(network, new Float32Array(3 * size * size), plan);
  return {
    async embed(picture, meshes) {
      const crop = new Float32Array(3 * size * size);
      const input = new Float32Array(crop.length);
      const embeddings: Float32Array[] = [];
      // One by one: published recognisers are often exported for a batch of just one.
      for (const mesh of meshes) {
        const placement = placeOn(plan.alignment, mesh);
        await picture.refine(scaleOf(placement));
        warpInto(crop, size, picture, placement);
        layOutInto(input, crop, plan.input);
        const embedding = Float32Array.from(await outputOf(network, input, plan));
        if (!normalize(embedding, 1)) throw new Refusal('featureFailed');
        embeddings.push(embedding);
      }
      return embeddings;
    },
  };
}

async function outputOf(network: Network, input: Float32Array, plan: RecogniserPlan): Promise<Float32Array> {
  const outputs = await network.run(input, shapeOfInput(plan.input));
  const output = plan.output === undefined ? Object.values(outputs)[0] : outputs[plan.output];
  if (output?.length === plan.dimension) return output;
  const found = output ? `gives ${output.length} numbers` : `has no output ${plan.output}`;
  throw new Error(`${plan.file} ${found}, but its manifest speaks of ${plan.dimension}.`);
}
