/** Measures recognition: verification of pairs, and the scale of scores. */

import { bootstrapCounts } from '../statistics.ts';
import type { Evidence } from './evidence.ts';
import { countFigure, type Figure, type Findings, shareFigure, shareOf } from './figures.ts';
import { misnamed, pathsOf } from './manifests.ts';
import { compareStrangers, type Strangers, type Subject } from './strangers.ts';

/** False accept rates at which true accepts are measured. */
const falseAccepts = [1e-2, 1e-3, 1e-4] as const;
/** Scores that have a meaning, and the share of strangers that may reach them (docs/contract.md §3.2). */
const meaningful = [
  { score: 70, share: 1e-3 },
  { score: 80, share: 1e-4 },
  { score: 90, share: 1e-5 },
] as const;
/** From this score on pictures are almost the same (docs/contract.md §3.2). */
const samePicture = 99;

/** A labelled pair whose pictures both show a face. */
interface ScoredPair {
  readonly score: number;
  readonly same: boolean;
  readonly fold: string;
  readonly person: string;
}

/** Measures verification by LFW's protocol: the threshold of each fold is chosen on the others. */
export function verification(evidence: Evidence): Findings {
  const rows = evidence.rows('pairs');
  const pairs = scoredPairs(evidence);
  const folds = new Set(pairs.map(({ fold }) => fold));
  const thresholds = new Map(
    [...folds].map((fold) => [
      fold,
      bestThreshold(folds.size > 1 ? pairs.filter((pair) => pair.fold !== fold) : pairs),
    ]),
  );
  const right = ({ score, same, fold }: ScoredPair): boolean => score >= thresholds.get(fold)! === same;
  const friends = pairs.filter(({ same }) => same);
  const strangers = strangersOf(evidence);
  const accuracy = folds.size > 1 ? `accuracy, ${folds.size} folds` : 'accuracy at its own best threshold';
  return {
    figures: [
      shareOf(accuracy, pairs, right, { least: 0.994 }),
      ...trueAccepts(friends, strangers),
      ...strangersAbove(strangers),
      shareOf('true accept rate at 75, the threshold of verify', friends, ({ score }) => score >= 75),
      countFigure('labelled pairs left out because no face is found', rows.length - pairs.length, rows.length),
    ],
    remarks: [...(folds.size > 1 ? [`By fold: ${byFold(pairs, folds, right)}.`] : []), ...suspects(strangers)],
  };
}

function scoredPairs({ analyzer, rows, analysed, people }: Evidence): ScoredPair[] {
  return rows('pairs').flatMap(({ pathA, pathB, same, fold = '' }) => {
    const [a, b] = [analysed.get(pathA!)?.face, analysed.get(pathB!)?.face];
    if (!a || !b) return [];
    return [
      {
        score: analyzer.compare(a.embedding, b.embedding).score,
        same: same === '1',
        fold,
        person: people.of(pathA!),
      },
    ];
  });
}

/** The threshold with the fewest errors: half-way between two scores. */
function bestThreshold(pairs: readonly ScoredPair[]): number {
  const sorted = pairs.toSorted((a, b) => b.score - a.score);
  let right = sorted.filter(({ same }) => !same).length;
  let best = { right, threshold: Number.POSITIVE_INFINITY };
  sorted.forEach(({ score, same }, i) => {
    right += same ? 1 : -1;
    if (right > best.right) best = { right, threshold: (score + (sorted[i + 1]?.score ?? score)) / 2 };
  });
  return best.threshold;
}

function byFold(
  pairs: readonly ScoredPair[],
  folds: ReadonlySet<string>,
  right: (pair: ScoredPair) => boolean,
): string {
  return [...folds]
    .map((fold) => {
      const own = pairs.filter((pair) => pair.fold === fold);
      return `${((100 * own.filter(right).length) / own.length).toFixed(1)} %`;
    })
    .join(', ');
}

/** The true accept rate of the labelled pairs of one person at each false accept rate of all pairs of strangers. */
function trueAccepts(friends: readonly ScoredPair[], strangers: Strangers): Figure[] {
  const at = new Map(strangers.names.map((name, i) => [name, i]));
  const share = (rate: number, counts?: Uint32Array): number => {
    const least = strangers.scoreAt(rate, counts);
    let [passed, all] = [0, 0];
    for (const { person, score } of friends) {
      const times = counts ? (counts[at.get(person) ?? -1] ?? 0) : 1;
      all += times;
      if (score > least) passed += times;
    }
    return passed / all;
  };
  return falseAccepts
    .filter((rate) => rate * strangers.pairs >= 10 && friends.length > 0)
    .map((rate) => ({
      name: `true accept rate at a false accept rate of ${percent(rate)}`,
      value: share(rate),
      unit: 'share',
      interval: { ...bootstrapCounts(strangers.names.length, (counts) => share(rate, counts)), from: 'bootstrap' },
      of: friends.length,
      ...(rate === 1e-3 && { goal: { least: 0.97 } }),
    }));
}

/** How many strangers reach the scores that the contract gives a meaning. */
function strangersAbove(strangers: Strangers): Figure[] {
  return meaningful.map(({ score, share }) => ({
    ...shareFigure(
      `false accept rate at ${score}, ${percent(share)} by the contract`,
      strangers.above(score),
      strangers.pairs,
    ),
    // Pairs share people, so their errors are correlated, which Wilson's interval does not take into account.
    interval: null,
  }));
}

/** All strangers among those in the labelled pairs; only the labelled ones if the persons are not known otherwise. */
function strangersOf({ analyzer, rows, analysed, people }: Evidence): Strangers {
  const pairs = rows('pairs');
  const subjects = pathsOf(pairs).flatMap((path): Subject[] => {
    const face = analysed.get(path)?.face;
    return face && !misnamed.has(path) ? [{ person: people.of(path), path, embedding: face.embedding }] : [];
  });
  const likeness = (a: Float32Array, b: Float32Array): number => analyzer.compare(a, b).score;
  if (people.known) return compareStrangers(subjects, likeness);
  const labelled = new Set(pairs.filter(({ same }) => same !== '1').map(({ pathA, pathB }) => `${pathA}\n${pathB}`));
  const isLabelled = (a: Subject, b: Subject): boolean => labelled.has(`${a.path}\n${b.path}`);
  return compareStrangers(subjects, likeness, (i, j) => {
    const [a, b] = [subjects[i]!, subjects[j]!];
    return isLabelled(a, b) || isLabelled(b, a);
  });
}

/** Paths of strangers that are so similar that their labels are doubtful. */
function suspects(strangers: Strangers): string[] {
  const copies = strangers.most(20).filter(({ score }) => score >= samePicture);
  if (copies.length === 0) return [];
  const named = copies.map(({ paths }) => paths.join(' = ')).join('; ');
  return [`Labelled as strangers, and almost the same picture: ${named}.`];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
