/**
 * Embeds a face from the crop that is kept of it, as an upgrade to another pack does. No detector is needed, and no mesh
 * network either: a crop has the points of its face. In one of before, which has none, the mesh network finds them anew: every
 * crop is cut by one template, so that it is known where the face lies.
 */
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../../errors/refusals.ts';
import { Pyramid } from '../kernels/pyramid.ts';
import type { Network } from '../models/runtime.ts';
import { type FacePoints, facePointsOf } from './align.ts';
import { frameInCrop } from './crop.ts';
import { pointsIn } from './crop-points.ts';
import { decodeCrop } from './decode-crop.ts';
import type { PlacedFace, Recogniser } from './embed.ts';
import { fitMeshes, settleMeshes } from './mesh.ts';

/** What a crop is embedded with. */
export interface CropNetworks {
  /** The built-in mesh network, for crops of before. */
  readonly mesher: Network;
  /** The recognisers of the packs whose embeddings are wanted. */
  readonly recognisers: readonly Recogniser[];
}

/** A crop is small: what is larger was not made here. */
const limits = { pixelsMax: 1_000_000, secondsMax: 5 } as const;

/**
 * For how long crops are embedded without an answer, in milliseconds: long beside the way of a message, and short beside the time
 * that a task may take.
 */
const spanMs = 250;

/**
 * Embeds the face of a kept crop by each recogniser.
 * @param crop a file as `cropFace` makes it, of this version or an earlier one.
 * @returns vectors of unit length, each of which is compared with those that the recogniser makes of photographs.
 * @throws Refusal `formatInvalid` or `decodeFailed` if it is no crop, `shapeFailed` or `featureFailed` if a network fails.
 */
export async function embedCrop(networks: CropNetworks, crop: Uint8Array): Promise<Float32Array[]> {
  const [made] = await embedGroup(networks, [crop]);
  if (made instanceof Refusal) throw made;
  return made!;
}

/** How crops are embedded. */
export interface CropsWish {
  /** How many are embedded in one run of a network; from 1. */
  readonly together: number;
  /** Asked between two runs whether the other crops are to be left. */
  readonly isInterrupted: () => boolean;
}

/**
 * Embeds the faces of some crops, run after run.
 * @returns what came of the first crops, those of one run at least: embeddings as of {@link embedCrop}, or its refusal. Of all, unless
 *   it was interrupted or took long.
 * @throws what else goes wrong with one of them.
 */
export async function embedCrops(
  networks: CropNetworks,
  crops: readonly Uint8Array[],
  { together, isInterrupted }: CropsWish,
): Promise<(Float32Array[] | Refusal)[]> {
  const begun = performance.now();
  const made: (Float32Array[] | Refusal)[] = [];
  while (made.length < crops.length) {
    made.push(...(await embedGroup(networks, crops.slice(made.length, made.length + together))));
    // A signal is told in a turn of the event loop.
    await setImmediate();
    if (isInterrupted() || performance.now() - begun > spanMs) break;
  }
  return made;
}

/** Embeds crops in one run of each recogniser; what is refused has no part in it. */
async function embedGroup(
  { mesher, recognisers }: CropNetworks,
  crops: readonly Uint8Array[],
): Promise<(Float32Array[] | Refusal)[]> {
  const placed: (PlacedFace | Refusal)[] = [];
  for (const crop of crops) placed.push(await orRefusal(placeFace(mesher, crop)));
  const faces = placed.filter((one): one is PlacedFace => !(one instanceof Refusal));
  const byRecogniser: IterableIterator<Float32Array | Refusal>[] = [];
  if (faces.length > 0)
    for (const recogniser of recognisers) byRecogniser.push((await recogniser.embedTogether(faces)).values());
  for (const { picture } of faces) picture.free();
  return placed.map((one) => {
    if (one instanceof Refusal) return one;
    const embeddings = byRecogniser.map((each) => each.next().value!);
    return embeddings.find((each) => each instanceof Refusal) ?? (embeddings as Float32Array[]);
  });
}

async function orRefusal<T>(making: Promise<T>): Promise<T | Refusal> {
  try {
    return await making;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** @throws Refusal if it is no crop, or no face is found in it. */
async function placeFace(mesher: Network, crop: Uint8Array): Promise<PlacedFace> {
  const decoded = await decodeCrop(crop, limits);
  if (decoded.width !== decoded.height) throw new Refusal('formatInvalid', 'a crop is a square');
  const picture = new Pyramid(decoded);
  return { picture, points: pointsIn(crop, decoded.width) ?? (await findPoints(mesher, picture)) };
}

/** The points of the face in a crop, as the mesh network finds them. */
async function findPoints(mesher: Network, picture: Pyramid): Promise<FacePoints> {
  const meshes = await fitMeshes(mesher, picture, [frameInCrop(picture.base.width)]);
  const [settled] = await settleMeshes(mesher, picture, meshes);
  return facePointsOf(settled!);
}
