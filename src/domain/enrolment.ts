/** Prepares a person's new face from a picture, and reports its quality, even if the face is refused. */
import { ModelsMissing } from '../errors/models-missing.ts';
import { Refusal } from '../errors/refusals.ts';
import { analyzeLargestFace, type PictureSource, type RequestContext } from './context.ts';
import type { Quality } from './face-analyzer.ts';
import type { NewFace } from './stores.ts';

/** A face that is ready to be stored, and its quality. */
export interface PreparedFace {
  readonly face: NewFace;
  readonly quality: Quality;
}

/** Qualities in the order of the pictures; undefined where a picture has none. */
export type Qualities = readonly (Quality | undefined)[];

/** A refusal of an enrolment whose pictures were analysed before: their qualities go with it. */
export class EnrolmentRefusal extends Refusal {
  readonly qualities: Qualities;

  constructor({ refusal, detail, data, cause, retryAfterSeconds }: Refusal, qualities: Qualities) {
    super(refusal, detail, { cause, data, retryAfterSeconds });
    this.qualities = qualities;
  }
}

/** Does work; if it is refused, the qualities go with the refusal. */
export async function tellingQualities<T>(qualities: Qualities, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? new EnrolmentRefusal(error, qualities) : error;
  }
}

/**
 * Analyses a picture and makes its largest face a person's new face, with an id of its own. Nothing is stored.
 * @throws Refusal as {@link analyzeLargestFace} does, and `featureFailed` for a face whose quality is too low.
 */
export async function prepareFace(
  context: RequestContext,
  picture: PictureSource,
  personId: string,
  tag: string,
): Promise<PreparedFace> {
  const parts = ['attributes', 'embedding', 'further', 'crop', 'quality'] as const;
  const { box, attributes, embedding, further, crop, quality } = await analyzeLargestFace(context, picture, parts);
  if (quality.score < context.qualityMin) {
    const fault = quality.fault === undefined ? '' : `: ${quality.fault}`;
    const detail = `quality ${quality.score}, at least ${context.qualityMin}${fault}`;
    throw new EnrolmentRefusal(new Refusal('featureFailed', detail), [quality]);
  }
  const { model } = context.analyzer;
  const others = further.length > 0 ? { further } : {};
  const id = context.newFaceId();
  const about = { id, personId, tag, box, attributes, quality: quality.score };
  return { face: { ...about, model, embedding, ...others, crop }, quality };
}

/** Upgrades that may begin between an analysis and its transaction; each lasts seconds. */
const upgradesMax = 3;

/**
 * Stores faces. If the register has come to need embeddings of more models since they were analysed, those are made of the crops,
 * and the work is done again.
 * @param work the transaction, which may find out so.
 */
export async function withEveryModel<T>(
  { analyzer, signal }: Pick<RequestContext, 'analyzer' | 'signal'>,
  faces: readonly NewFace[],
  work: (faces: readonly NewFace[]) => Promise<T>,
): Promise<T> {
  let current = faces;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(current);
    } catch (error) {
      const embed = analyzer.embedCrop;
      if (!(error instanceof ModelsMissing) || embed === undefined || attempt === upgradesMax) throw error;
      current = await Promise.all(
        current.map(async (face) => {
          const known = new Set([face.model, ...(face.further ?? []).map(({ model }) => model)]);
          const missing = error.models.filter((model) => !known.has(model));
          return { ...face, further: [...(face.further ?? []), ...(await embed(face.crop, missing, { signal }))] };
        }),
      );
    }
  }
}
