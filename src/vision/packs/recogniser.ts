/** Runs the recogniser of a pack. */
import { Refusal } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import { lendFloats } from '../kernels/floats.ts';
import { mirrorInto } from '../kernels/mirror.ts';
import { warpInto } from '../kernels/warp.ts';
import type { Network, Runtime } from '../models/runtime.ts';
import { togetherIfBetter } from '../models/together.ts';
import { placeOn } from '../pipeline/align.ts';
import type { PlacedFace, Recogniser } from '../pipeline/embed.ts';
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
  await outputOf(network.run, new Float32Array(3 * size * size), 1, plan);
  const together = togetherIfBetter(network);
  return {
    async embed(picture, faces) {
      const embeddings: Float32Array[] = [];
      // One by one: published recognisers are often exported for a batch of just one.
      for (const points of faces) {
        const [embedding] = await embedBy(network.run, [{ picture, points }], plan);
        if (embedding instanceof Refusal) throw embedding;
        embeddings.push(embedding!);
      }
      return embeddings;
    },
    embedTogether: (faces) => embedBy(faces.length > 1 ? together : network.run, faces, plan),
  };
}

async function embedBy(
  run: Network['run'],
  faces: readonly PlacedFace[],
  plan: RecogniserPlan,
): Promise<(Float32Array | Refusal)[]> {
  const { input, dimension, mirrored } = plan;
  const [itemLength, views] = [3 * input.size ** 2, mirrored ? 2 : 1];
  using lent = lendFloats(itemLength);
  using lentMirrored = lendFloats(itemLength);
  using lentInput = lendFloats(faces.length * views * itemLength);
  const itemOf = (face: number, view: number): Float32Array =>
    lentInput.values.subarray((face * views + view) * itemLength, (face * views + view + 1) * itemLength);
  for (const [i, { picture, points }] of faces.entries()) {
    const placement = placeOn(plan.alignment, points);
    await picture.refine(scaleOf(placement));
    warpInto(lent.values, input.size, picture, placement);
    layOutInto(itemOf(i, 0), lent.values, input);
    if (!mirrored) continue;
    mirrorInto(lentMirrored.values, lent.values, input.size);
    layOutInto(itemOf(i, 1), lentMirrored.values, input);
  }
  const output = await outputOf(run, lentInput.values, faces.length * views, plan);
  return faces.map((_, i) => {
    const sum = output.slice(i * views * dimension, (i * views + 1) * dimension);
    if (mirrored) for (let k = 0; k < dimension; k++) sum[k]! += output[(i * views + 1) * dimension + k]!;
    return unitOf(sum, plan) ?? new Refusal('featureFailed');
  });
}

/** The embedding made of an output: of unit length, the centre subtracted if there is one. Undefined if it has no direction. */
function unitOf(output: Float32Array, { centre }: RecogniserPlan): Float32Array | undefined {
  if (!normalize(output, 1)) return undefined;
  if (centre === undefined) return output;
  const embedding = output.map((value, i) => value - centre[i]!);
  return normalize(embedding, 1) ? embedding : undefined;
}

async function outputOf(
  run: Network['run'],
  input: Float32Array,
  items: number,
  plan: RecogniserPlan,
): Promise<Float32Array> {
  const outputs = await run(input, shapeOfInput(plan.input).with(0, items));
  const output = plan.output === undefined ? Object.values(outputs)[0] : outputs[plan.output];
  if (output?.length === items * plan.dimension) return output;
  const found = output ? `gives ${output.length / items} numbers` : `has no output ${plan.output}`;
  throw new Error(`${plan.file} ${found}, but its manifest speaks of ${plan.dimension}.`);
}
