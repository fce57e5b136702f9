/** The labelled pairs with their scores, and all pairs of strangers: computed once, for every measure of recognition. */
import type { InnerEvidence } from './evidence.ts';
import type { Sampled } from './figures.ts';
import { misnamed, pathsOf } from './manifests.ts';
import { compareStrangers, type Portrait, type Strangers } from './strangers.ts';

/** A labelled pair whose pictures both show a face. */
export interface ScoredPair extends Sampled {
  readonly paths: readonly [string, string];
  /** As compare scores them. */
  readonly score: number;
  /** Whether both show one person. */
  readonly same: boolean;
  readonly fold: string;
}

/** The labelled pairs with a face in both pictures. */
export function scoredPairs({ analyzer, rows, analysed, people }: InnerEvidence): ScoredPair[] {
  return rows('pairs').flatMap(({ pathA, pathB, same, fold = '' }) => {
    const [a, b] = [analysed.get(pathA!)?.face, analysed.get(pathB!)?.face];
    if (!a || !b) return [];
    const { score } = analyzer.compare(a.embedding, b.embedding);
    return [{ paths: [pathA!, pathB!], score, same: same === '1', fold, person: people.of(pathA!) }];
  });
}

const known = new WeakMap<InnerEvidence['analysed'], Strangers>();

/** All strangers among those in the labelled pairs; only the labelled ones if the persons are not known otherwise. */
export function strangersOf(evidence: InnerEvidence): Strangers {
  const strangers = known.get(evidence.analysed) ?? compareAll(evidence);
  known.set(evidence.analysed, strangers);
  return strangers;
}

/** The faces of the pictures in the labelled pairs; pictures that are known to bear a wrong name are left out. */
export function portraitsOf({ rows, analysed, people }: InnerEvidence): Portrait[] {
  return pathsOf(rows('pairs')).flatMap((path): Portrait[] => {
    const face = analysed.get(path)?.face;
    return face && !misnamed.has(path) ? [{ person: people.of(path), path, embedding: face.embedding }] : [];
  });
}

function compareAll(evidence: InnerEvidence): Strangers {
  const { analyzer, rows, people } = evidence;
  const portraits = portraitsOf(evidence);
  const likeness = (a: Float32Array, b: Float32Array): number => analyzer.compare(a, b).score;
  if (people.known) return compareStrangers(portraits, likeness);
  const pairs = rows('pairs').filter(({ same }) => same !== '1');
  const labelled = new Set(pairs.flatMap(({ pathA, pathB }) => [`${pathA}\n${pathB}`, `${pathB}\n${pathA}`]));
  return compareStrangers(portraits, likeness, (i, j) => labelled.has(`${portraits[i]!.path}\n${portraits[j]!.path}`));
}
