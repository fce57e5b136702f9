/** Computes the attributes that are sent to clients from the networks' outputs for a face. */
import type { Attributes } from '../../domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import expressionParameters from '../parameters/expression.json' with { type: 'json' };
import genderParameters from '../parameters/gender.json' with { type: 'json' };
import glassesParameters from '../parameters/glasses.json' with { type: 'json' };
import referenceFace from '../parameters/reference-face.json' with { type: 'json' };
import type { Mesh } from '../pipeline/mesh.ts';
import type { Description } from './describe.ts';
import { type Expressions, smileInputs, smileOf } from './expression.ts';
import { logOdds, type Probe, probability, respond } from './linear.ts';
import { poseOf } from './pose.ts';

/** The networks' outputs for one face. */
export interface Observation {
  readonly mesh: Mesh;
  readonly description: Description;
  readonly expressions: Expressions;
  /** The age in years, from face-api's network. */
  readonly years: number;
}

/** Degrees of pitch and yaw beyond which values are clamped (docs/contract.md §3.1). */
const turnMax = 30;

/**
 * The attributes of one face on the contract's scales.
 * @throws Refusal of the first attribute that is not a finite number.
 */
export function attributesOf({ mesh, description, expressions, years }: Observation): Attributes {
  const { pitch, yaw, roll } = poseOf(mesh.points, referenceFace);
  // The pose first: a mesh without a pose has no smile either, and the refusal must name the cause.
  const pose = {
    pitch: scaled('poseFailed', pitch, -turnMax, turnMax),
    yaw: scaled('poseFailed', yaw, -turnMax, turnMax),
    roll: scaled('poseFailed', roll, -180, 180),
  };
  const gender = scaled('genderFailed', 100 * genderOf(description), 0, 100);
  const age = scaled('ageFailed', years, 0, 100);
  // Before the smile, which is told by the feature, too.
  const glass = scaled('glassFailed', glassesOf(description), -1000, 1000) > 0;
  const inputs = smileInputs(expressions, mesh, featureResponse(expressionParameters.feature, description));
  const expression = scaled('expressionFailed', smileOf(expressionParameters, inputs), 0, 100);
  return { gender, age, expression, glass, ...pose };
}

/** What lies behind the attributes, neither rounded nor clamped: for those who evaluate. */
export interface RawAttributes {
  /** Probability from 0 to 1 that the person wears glasses. */
  readonly glasses: number;
  /** Degrees, with the signs of {@link Attributes}. */
  readonly pitch: number;
  readonly yaw: number;
  readonly roll: number;
}

/** The attributes of one face before they are clamped and rounded. */
export function rawAttributesOf(mesh: Mesh, description: Description): RawAttributes {
  return { glasses: probability(glassesOf(description)), ...poseOf(mesh.points, referenceFace) };
}

/** The probability that the face is male, from 0 to 1; at 0.5 men and women are confused equally often. */
export function genderOf({ male }: Description): number {
  return probability(respond(genderParameters, [logOdds(male)]));
}

/** The log-odds that the person wears glasses: positive for glasses. */
export function glassesOf(description: Description): number {
  return featureResponse(glassesParameters, description);
}

/** The response of a probe to the feature vector of unit length; NaN if that has no direction. */
export function featureResponse(probe: Probe, { feature }: Description): number {
  const unit = feature.slice();
  return normalize(unit, 1) ? respond(probe, unit) : Number.NaN;
}

/** An integer within the bounds; -0 becomes 0. */
function scaled(refusal: RefusalName, value: number, least: number, most: number): number {
  if (!Number.isFinite(value)) throw new Refusal(refusal);
  return Math.round(Math.min(most, Math.max(least, value))) + 0;
}
