/** Tells, before a face is enrolled, whether it resembles another person than the one that it is to become. */
import type { RequestContext } from './context.ts';
import type { Likeness } from './face-analyzer.ts';
import type { Match } from './gallery.ts';
import { likenessesTo } from './likeness.ts';
import type { NewFace } from './stores.ts';

/**
 * How like another person each of some new faces is; undefined for one that resembles nobody, and for all if nobody wants to know.
 * Persons who are in no group are not searched. Of two faces that are enrolled at one time neither sees the other.
 * @throws Refusal as a search does.
 */
export async function resemblances(
  context: RequestContext,
  faces: readonly NewFace[],
): Promise<readonly (Likeness | undefined)[]> {
  const rule = context.resembling;
  if (rule === undefined || faces.length === 0) return faces.map(() => undefined);
  const groups = await context.store.groups();
  if (groups === undefined) return faces.map(() => undefined);
  const lists = await context.gallery.nearest({
    probes: faces.map(({ embedding }) => embedding),
    groupIds: JSON.parse(Buffer.from(groups.json).toString()) as readonly string[],
    // The nearest may be the person itself.
    count: 2,
    signal: context.signal,
  });
  return Promise.all(
    faces.map(async (face, i) => {
      const likeness = await likenessTo(
        context,
        face,
        lists[i]!.find(({ personId }) => personId !== face.personId),
      );
      const isAlike = likeness !== undefined && (likeness.samePicture || likeness.score >= rule.leastScore);
      return isAlike ? likeness : undefined;
    }),
  );
}

/** Undefined for nobody, and for one that was erased meanwhile. */
async function likenessTo(
  context: RequestContext,
  face: NewFace,
  match: Match | undefined,
): Promise<Likeness | undefined> {
  if (match === undefined) return undefined;
  const known = await context.store.findEmbeddings([match.faceId], context.analyzer.model);
  const [likeness] = await likenessesTo(context, face, known);
  return likeness;
}
