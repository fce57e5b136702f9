/** Prepares a person's new face from a picture, and reports its quality, even if the face is refused. */
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
  const parts = ['attributes', 'embedding', 'crop', 'quality'] as const;
  const { box, attributes, embedding, crop, quality } = await analyzeLargestFace(context, picture, parts);
  if (quality.score < context.qualityMin) {
    const fault = quality.fault === undefined ? '' : `: ${quality.fault}`;
    const detail = `quality ${quality.score}, at least ${context.qualityMin}${fault}`;
    throw new EnrolmentRefusal(new Refusal('featureFailed', detail), [quality]);
  }
  const { model } = context.analyzer;
  return { face: { id: context.newFaceId(), personId, tag, box, attributes, model, embedding, crop }, quality };
}
