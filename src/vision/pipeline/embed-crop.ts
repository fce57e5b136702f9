/**
 * Embeds a face from the crop that is kept of it, as an upgrade to another pack does. No detector is needed, and no mesh
 * network either: a crop has the points of its face. In one of before, which has none, the mesh network finds them anew: every
 * crop is cut by one template, so that it is known where the face lies.
 */
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../../errors/refusals.ts';
import type { Pixels } from '../kernels/pixels.ts';
import { Pyramid } from '../kernels/pyramid.ts';
import type { Network } from '../models/runtime.ts';
import { type FacePoints, facePointsOf } from './align.ts';
import { frameInCrop } from './crop.ts';
import { pointsIn } from './crop-points.ts';
import { decodeCrop } from './decode.ts';
import type { Recogniser } from './embed.ts';
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
export async function embedCrop({ mesher, recognisers }: CropNetworks, crop: Uint8Array): Promise<Float32Array[]> {
  return embedDecoded({ mesher, recognisers }, crop, await decodeCrop(crop, limits));
}

/**
 * Embeds the faces of some crops, one after another; the next is decoded meanwhile.
 * @param isInterrupted asked between two crops whether the others are to be left.
 * @returns what came of the first crops, one at least: embeddings as of {@link embedCrop}, or its refusal. Of all, unless it was
 *   interrupted or took long.
 * @throws what else goes wrong with one of them.
 */
export async function embedCrops(
  networks: CropNetworks,
  crops: readonly Uint8Array[],
  isInterrupted: () => boolean,
): Promise<(Float32Array[] | Refusal)[]> {
  const begun = performance.now();
  const made: (Float32Array[] | Refusal)[] = [];
  let decoding = decodeAhead(crops[0]);
  try {
    for (const [i, crop] of crops.entries()) {
      const pixels = await decoding;
      decoding = decodeAhead(crops[i + 1]);
      made.push(await embedOrRefuse(networks, crop, pixels!));
      // A signal is told in a turn of the event loop.
      await setImmediate();
      if (isInterrupted() || performance.now() - begun > spanMs) break;
    }
    return made;
  } finally {
    // The decoder reads the bytes of a crop, which may be gone afterwards.
    await decoding;
  }
}

async function embedOrRefuse(
  networks: CropNetworks,
  crop: Uint8Array,
  pixels: Pixels | Error,
): Promise<Float32Array[] | Refusal> {
  try {
    if (pixels instanceof Error) throw pixels;
    return await embedDecoded(networks, crop, pixels);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function decodeAhead(crop: Uint8Array | undefined): Promise<Pixels | Error | undefined> {
  if (crop === undefined) return Promise.resolve(undefined);
  return decodeCrop(crop, limits).catch((error: Error) => error);
}

async function embedDecoded(
  { mesher, recognisers }: CropNetworks,
  crop: Uint8Array,
  pixels: Pixels,
): Promise<Float32Array[]> {
  if (pixels.width !== pixels.height) throw new Refusal('formatInvalid', 'a crop is a square');
  const picture = new Pyramid(pixels);
  const points = pointsIn(crop, pixels.width) ?? (await findPoints(mesher, picture));
  const embeddings: Float32Array[] = [];
  for (const recogniser of recognisers) embeddings.push((await recogniser.embed(picture, [points]))[0]!);
  picture.free();
  return embeddings;
}

/** The points of the face in a crop, as the mesh network finds them. */
async function findPoints(mesher: Network, picture: Pyramid): Promise<FacePoints> {
  const meshes = await fitMeshes(mesher, picture, [frameInCrop(picture.base.width)]);
  const [settled] = await settleMeshes(mesher, picture, meshes);
  return facePointsOf(settled!);
}
