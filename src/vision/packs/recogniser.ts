/** Runs the recogniser of a pack. */
import { Refusal } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import { lendFloats } from '../kernels/floats.ts';
import { mirrorInto } from '../kernels/mirror.ts';
import { warpInto } from '../kernels/warp.ts';
import type { Network, Runtime } from '../models/runtime.ts';
import { placeOn } from '../pipeline/align.ts';
import type { Recogniser } from '../pipeline/embed.ts';
import { scaleOf } from '../pipeline/geometry.ts';
import { layOutInto, shapeOfInput } from './input.ts';
import type { RecogniserPlan } from './manifest.ts';

/**
 * Loads a recogniser and runs it once.
 * @throws Error if it does not match the manifest.
 */
export async function loadRecogniser(runtime: Runtime, path: string, plan: RecogniserPlan): Promise<Recogniser> {
  const network = await runtime.load(path);
  const { size } = plan.input;
  await outputOf(network, new Float32Array(3 * size * size), plan);
  return {
    async embed(picture, faces) {
      using lent = lendFloats(3 * size * size);
      using lentMirrored = lendFloats(3 * size * size);
      using lentInput = lendFloats(3 * size * size);
      const [crop, input] = [lent.values, lentInput.values];
      const embeddings: Float32Array[] = [];
      // One by one: published recognisers are often exported for a batch of just one.
      for (const points of faces) {
        const placement = placeOn(plan.alignment, points);
        await picture.refine(scaleOf(placement));
        warpInto(crop, size, picture, placement);
        const views = [crop];
        if (plan.mirrored) {
          mirrorInto(lentMirrored.values, crop, size);
          views.push(lentMirrored.values);
        }
        const sum = new Float32Array(plan.dimension);
        for (const view of views) {
          layOutInto(input, view, plan.input);
          const output = await outputOf(network, input, plan);
          for (let i = 0; i < sum.length; i++) sum[i]! += output[i]!;
        }
        embeddings.push(unitOf(sum, plan));
      }
      return embeddings;
    },
  };
}

/** The embedding made of an output: of unit length, the centre subtracted if there is one. */
function unitOf(output: Float32Array, { centre }: RecogniserPlan): Float32Array {
  if (!normalize(output, 1)) throw new Refusal('featureFailed');
  if (centre === undefined) return output;
  const embedding = output.map((value, i) => value - centre[i]!);
  if (!normalize(embedding, 1)) throw new Refusal('featureFailed');
  return embedding;
}

async function outputOf(network: Network, input: Float32Array, plan: RecogniserPlan): Promise<Float32Array> {
  const outputs = await network.run(input, shapeOfInput(plan.input));
  const output = plan.output === undefined ? Object.values(outputs)[0] : outputs[plan.output];
  if (output?.length === plan.dimension) return output;
  const found = output ? `gives ${output.length} numbers` : `has no output ${plan.output}`;
  throw new Error(`${plan.file} ${found}, but its manifest speaks of ${plan.dimension}.`);
}
