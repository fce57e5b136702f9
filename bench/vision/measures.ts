/** What the evaluation measures: of face analysis in this process, and of a running server. */
import { copies, copiesThere } from './copies.ts';
import { age, gender, glasses, pose, smile } from './description.ts';
import { detection, oddFiles, refusals, timings } from './detection.ts';
import type { Evidence, InnerEvidence, WireEvidence } from './evidence.ts';
import type { Findings } from './figures.ts';
import { byFolds } from './folds.ts';
import { forWhom } from './for-whom.ts';
import { fusion } from './fusion.ts';
import { identification } from './identification.ts';
import { verification } from './recognition.ts';
import { slices } from './slices.ts';
import { staged, stagedHere } from './staged.ts';
import { identificationThere, slicesThere, verificationThere } from './wire-measures.ts';

/** A measure. */
export interface Measure {
  /** The manifests of which it needs at least one. */
  readonly manifests: readonly string[];
  readonly here: (evidence: InnerEvidence) => Findings | Promise<Findings>;
  /** Absent where no call of a server tells what is needed. */
  readonly there?: (evidence: WireEvidence) => Findings | Promise<Findings>;
}

/** The same of both: what detect tells is enough. */
function either(measure: (evidence: Evidence) => Findings | Promise<Findings>) {
  return { here: measure, there: measure };
}

/** The measures, in the order of the page. */
export const measures: Readonly<Record<string, Measure>> = {
  verification: { manifests: ['pairs'], here: verification, there: verificationThere },
  'recognition by slices': { manifests: ['pairs'], here: slices, there: slicesThere },
  identification: { manifests: ['pairs'], here: identification, there: identificationThere },
  'several faces of a person': { manifests: ['pairs'], here: fusion },
  'near-duplicates': { manifests: ['near_dups', 'sessions', 'pairs', 'pose'], here: copies, there: copiesThere },
  detection: { manifests: ['detection'], ...either(detection) },
  'small and turned faces': { manifests: ['pairs'], here: stagedHere, there: staged },
  gender: { manifests: ['gender', 'ages'], ...either(gender) },
  age: { manifests: ['ages'], ...either(age) },
  smile: { manifests: ['smile', 'smile_degree'], ...either(smile) },
  glasses: { manifests: ['glasses'], ...either(glasses) },
  'attributes by groups of people': { manifests: ['ages', 'smile', 'glasses'], ...either(forWhom) },
  pose: { manifests: ['pose'], ...either(pose) },
  'what was fitted, on other people': { manifests: ['pairs', 'gender', 'glasses'], here: byFolds },
  refusals: { manifests: ['pairs', 'gender', 'ages', 'smile', 'glasses', 'pose'], ...either(refusals) },
  'odd files': { manifests: ['odd'], ...either(oddFiles) },
  timings: { manifests: ['pairs', 'gender', 'ages', 'detection'], ...either(timings) },
};
