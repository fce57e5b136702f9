/** What the probes of attributes are trained on: shared by their training and by the figures by folds. */
import { logOdds, type Probe, respond } from '../../src/vision/attributes/linear.ts';
import { normalize } from '../../src/vision/kernels/dot.ts';
import genderParameters from '../../src/vision/parameters/gender.json' with { type: 'json' };
import glassesParameters from '../../src/vision/parameters/glasses.json' with { type: 'json' };
import type { ObservedFace } from '../../src/vision/pipeline/analyze.ts';
import type { Row } from './manifests.ts';

/** The training data of a probe. */
export interface Lesson {
  readonly manifest: string;
  /** The strength of the L2 penalty on the weights. */
  readonly ridge: number;
  readonly inputs: (face: ObservedFace) => ArrayLike<number>;
  readonly positive: (row: Row) => boolean;
}

/** A lesson with the probe that was learned from it and ships. */
export interface LearnedLesson extends Lesson {
  readonly probe: Probe;
}

/** Men, from faceres' own probability. */
export const genderLesson: LearnedLesson = {
  manifest: 'gender',
  ridge: 1,
  inputs: ({ description }) => [logOdds(description.male)],
  positive: ({ gender }) => gender === 'm',
  probe: genderParameters,
};

/** Glasses and sunglasses, from faceres' feature of unit length. */
export const glassesLesson: LearnedLesson = {
  manifest: 'glasses',
  ridge: 10,
  inputs: ({ description }) => {
    const unit = description.feature.slice();
    normalize(unit, 1);
    return unit;
  },
  positive: ({ glasses }) => glasses !== '0',
  probe: glassesParameters,
};

/** What the shipped probe says of a face: above 0 for a positive. */
export function respondAsShipped({ probe, inputs }: LearnedLesson, face: ObservedFace): number {
  return respond(probe, inputs(face));
}
