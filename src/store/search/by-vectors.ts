/**
 * Searches where the database finds the candidates by their vectors. They are compared once more by their embeddings as they
 * are stored encrypted, so that the scores are those of the index.
 */
import { type Found, TopK } from '../../search/top-k.ts';
import { facesAmong, personsIn } from '../contents.ts';
import type { OpeningScope } from '../scope.ts';
import type { VectorIndex, Vectors } from '../vectors.ts';
import { offerAll } from './offer.ts';
import type { Lists, SearchOrder } from './order.ts';

/** How many candidates are asked for first: some faces of each person who is found. */
const candidatesFirst = 64;
/** How many times as many are asked for when these leave it open who is found. */
const more = 4;

/**
 * Searches by vectors.
 * @param groupIds a JSON list.
 */
export async function searchByVectors(
  scope: OpeningScope,
  vectors: Vectors,
  index: VectorIndex,
  { appid, model, probes, count }: SearchOrder,
  groupIds: string,
): Promise<Lists> {
  const nearest = async (probe: Float32Array, how: VectorIndex): Promise<readonly Found<string>[]> => {
    for (let limit = candidatesFirst; ; limit *= more) {
      const near = await vectors.nearest(scope.db, { appid, model, groupIds, probe, limit, index: how });
      const top = new TopK<string>(count);
      const faces = await facesAmong(scope, JSON.stringify(near.map(({ faceId }) => faceId)), model);
      if (faces !== undefined) await offerAll(faces, [probe], [top], async () => personsIn(faces));
      const isWhole = near.length < limit;
      const hasAll = top.found.length === count;
      // A graph that was walked too far has given what it found, and there may be more.
      if (how === 'hnsw' && isWhole && !hasAll) return nearest(probe, 'exact');
      if (isWhole || (hasAll && (how === 'hnsw' || isCertain(top, near.at(-1)!.score, probe)))) return top.found;
    }
  };
  const lists: (readonly Found<string>[])[] = [];
  for (const probe of probes) lists.push(await nearest(probe, index));
  return lists;
}

/** Whether no face beyond the last candidate can be among the best. */
function isCertain(top: TopK<string>, last: number, probe: Float32Array): boolean {
  return top.floor > last + errorOf(probe.length);
}

/**
 * How far a product in single precision is off at most, in whatever order it is summed, and twice that: each of so many steps
 * rounds by 2^-24 of the sum of magnitudes, which for two vectors of length 1 is 1 at most, by Cauchy and Schwarz.
 */
function errorOf(dimension: number): number {
  return (dimension + 8) * 2 ** -23;
}
