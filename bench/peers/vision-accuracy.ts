/** Measures the accuracy of a face library: verification, gender, smile and the number of faces. */
import { areaUnderCurve } from '../statistics.ts';
import type { AnalysedFace } from './vision-analysts.ts';

/** Two pictures, and whether they show one person. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  readonly fold: string;
}

/** The labels of the pictures. */
export interface Labels {
  readonly pairs: readonly Pair[];
  readonly male: ReadonlyMap<string, boolean>;
  readonly smiling: ReadonlyMap<string, boolean>;
}

/** The face that a label is about, by picture; undefined where none was found. */
export type Faces = ReadonlyMap<string, AnalysedFace | undefined>;

/** Shares from 0 to 1. */
export interface Accuracy {
  /** Pictures in which a face was found. */
  readonly found: number;
  /**
   * Pairs that are classified correctly, with each fold's threshold chosen on the others; a face that was not found is
   * an error.
   */
  readonly verification: number;
  readonly gender: number;
  /** The probability that a smiling face gets a higher value than one that does not smile. */
  readonly smile: number;
}

/** Measures one analyst. */
export function accuracyOf(faces: Faces, { pairs, male, smiling }: Labels): Accuracy {
  const labelled = (labels: ReadonlyMap<string, boolean>) =>
    [...labels].flatMap(([path, label]) => {
      const face = faces.get(path);
      return face === undefined ? [] : [{ face, label }];
    });
  const smiles = labelled(smiling);
  return {
    found: share([...faces.values()], (face) => face !== undefined),
    verification: verificationOf(faces, pairs),
    gender: share(labelled(male), ({ face, label }) => face.male === label),
    smile: areaUnderCurve(smiles.map(({ face, label }) => ({ value: face.smile, positive: label }))),
  };
}

function verificationOf(faces: Faces, pairs: readonly Pair[]): number {
  const measured = pairs.map((pair) => ({ ...pair, distance: distance(faces.get(pair.a), faces.get(pair.b)) }));
  const right = measured.filter(({ fold, distance: own, same }) => {
    const threshold = bestThreshold(measured.filter((other) => other.fold !== fold));
    return own !== undefined && own < threshold === same;
  });
  return right.length / pairs.length;
}

function distance(a: AnalysedFace | undefined, b: AnalysedFace | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  return Math.hypot(...Array.from(a.embedding, (value, i) => value - b.embedding[i]!));
}

/** The distance threshold with the fewest errors. */
function bestThreshold(pairs: readonly { readonly distance: number | undefined; readonly same: boolean }[]): number {
  const known = pairs.filter((pair): pair is { distance: number; same: boolean } => pair.distance !== undefined);
  known.sort((a, b) => a.distance - b.distance);
  let right = known.filter(({ same }) => !same).length;
  let best = { right, threshold: 0 };
  for (const [i, { distance: own, same }] of known.entries()) {
    right += same ? 1 : -1;
    if (right > best.right) best = { right, threshold: (own + (known[i + 1]?.distance ?? own)) / 2 };
  }
  return best.threshold;
}

/** The face nearest the middle, which labels of LFW are about. */
export function middleFace(faces: readonly AnalysedFace[], side: number): AnalysedFace | undefined {
  const off = ({ box: [x, y, width, height] }: AnalysedFace): number =>
    Math.hypot(x + (width - side) / 2, y + (height - side) / 2);
  return faces.toSorted((a, b) => off(a) - off(b))[0];
}

function share<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length / all.length;
}
