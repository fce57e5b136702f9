/** Measures recognition: verification of pairs, and the scale of scores. */

import type { Box } from '../../src/domain/face-analyzer.ts';
import { bootstrapCurve } from '../statistics.ts';
import type { Evidence, InnerEvidence } from './evidence.ts';
import { countFigure, type Figure, type Findings, shareFigure, shareOf } from './figures.ts';
import { pathsOf } from './manifests.ts';
import { type ScoredPair, scoredPairs, strangersOf } from './pairs.ts';
import { detectionErrorPlot, type ErrorPoint, scoresPlot } from './recognition-plots.ts';
import { keptShare, type Strangers } from './strangers.ts';

/** False accept rates at which true accepts are told. */
const falseAccepts = [1e-2, 1e-3, 1e-4] as const;
/** False accept rates at which they are drawn: four a decade. */
const drawnAccepts = Array.from({ length: 15 }, (_, i) => 10 ** (-5 + i / 4)).filter((rate) => rate < keptShare);
/** Scores that have a meaning, and the share of strangers that may reach them (docs/contract.md §3.2). */
export const meaningful = [
  { score: 70, share: 1e-3 },
  { score: 80, share: 1e-4 },
  { score: 90, share: 1e-5 },
] as const;
/** From this score on pictures are almost the same (docs/contract.md §3.2). */
const samePicture = 99;
/** The threshold of verify (docs/contract.md §3.2). */
const matchScore = 75;
/** Fewer pairs of strangers than this beyond a threshold say nothing of it. */
const pairsMin = 10;

/** Measures verification by LFW's protocol: the threshold of each fold is chosen on the others. */
export function verification(evidence: InnerEvidence): Findings {
  const pairs = scoredPairs(evidence);
  const strangers = strangersOf(evidence);
  const friends = pairs.filter(({ same }) => same);
  const rows = evidence.rows('pairs');
  const curve = errorCurve(friends, strangers);
  return {
    figures: [
      ...accuracyFigures(pairs),
      ...falseAccepts.flatMap((rate) => curve.filter((point) => point.rate === rate).map(acceptFigure)),
      ...strangersAbove(strangers),
      trueAcceptsAtMatch(friends),
      countFigure('labelled pairs left out because no face is found', rows.length - pairs.length, rows.length),
      meantInTheMiddle(evidence),
    ],
    plots: [
      detectionErrorPlot(curve),
      scoresPlot(
        friends.map(({ score }) => score),
        strangers,
      ),
    ],
    remarks: [...byFold(pairs), ...suspects(strangers)],
  };
}

/** The share of pairs that the best threshold of the other folds judges right. */
export function accuracyFigures(pairs: readonly ScoredPair[]): Figure[] {
  const { folds, isRight } = judgeByFolds(pairs);
  const name = folds.length > 1 ? `accuracy, ${folds.length} folds` : 'accuracy at its own best threshold';
  return [shareOf(name, pairs, isRight, { least: 0.993 })];
}

/** The share of one person's pairs that verify takes for one person's. */
export function trueAcceptsAtMatch(friends: readonly ScoredPair[]): Figure {
  return shareOf(
    `true accept rate at ${matchScore}, the threshold of verify`,
    friends,
    ({ score }) => score >= matchScore,
  );
}

/**
 * In how many of the labelled pictures that show several faces the face nearest the middle is the one that is meant:
 * where photographs are cut around the person of their label, as those of LFW are, that is the labelled one.
 */
export function meantInTheMiddle({ rows, analysed }: Evidence): Figure {
  const crowded = pathsOf(rows('pairs')).flatMap((path) => {
    const result = analysed.get(path);
    return result?.face && result.boxes.length > 1 ? [{ ...result, face: result.face }] : [];
  });
  return shareOf('several faces in a labelled picture: the one nearest the middle is meant', crowded, (picture) => {
    const distance = ({ x, y, width, height }: Box): number =>
      Math.hypot(x + (width - picture.width) / 2, y + (height - picture.height) / 2);
    const [middle] = picture.boxes.toSorted((a, b) => distance(a) - distance(b));
    return distance(middle!) === distance(picture.face.box);
  });
}

/** The accuracy in each fold. */
export function byFold(pairs: readonly ScoredPair[]): string[] {
  const { folds, isRight } = judgeByFolds(pairs);
  if (folds.length < 2) return [];
  const shares = folds.map((fold) => {
    const own = pairs.filter((pair) => pair.fold === fold);
    return `${((100 * own.filter(isRight).length) / own.length).toFixed(1)} %`;
  });
  return [`By fold: ${shares.join(', ')}.`];
}

function judgeByFolds(pairs: readonly ScoredPair[]) {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const thresholds = new Map(
    folds.map((fold) => [fold, bestThreshold(folds.length > 1 ? pairs.filter((pair) => pair.fold !== fold) : pairs)]),
  );
  return { folds, isRight: ({ score, same, fold }: ScoredPair) => score >= thresholds.get(fold)! === same };
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

/** The true accept rate of the labelled pairs of one person at each false accept rate of all pairs of strangers. */
function errorCurve(friends: readonly ScoredPair[], strangers: Strangers): ErrorPoint[] {
  if (friends.length === 0) return [];
  const at = new Map(strangers.names.map((name, i) => [name, i]));
  const own = friends.map(({ person, score }) => ({ score, at: at.get(person) ?? -1 }));
  const rates = [...new Set([...drawnAccepts, ...falseAccepts])]
    .filter((rate) => rate * strangers.pairs >= pairsMin)
    .sort((a, b) => a - b);
  const shares = (counts?: Uint32Array): number[] =>
    strangers.scoresAt(rates, counts).map((least) => {
      let [passed, all] = [0, 0];
      for (const { score, at: person } of own) {
        const times = counts ? (counts[person] ?? 0) : 1;
        all += times;
        if (score > least) passed += times;
      }
      return passed / all;
    });
  const intervals = bootstrapCurve(strangers.names.length, shares);
  return shares().map((accepted, i) => ({
    rate: rates[i]!,
    accepted,
    interval: intervals[i]!,
    pairs: friends.length,
  }));
}

function acceptFigure({ rate, accepted, interval, pairs }: ErrorPoint): Figure {
  return {
    name: `true accept rate at a false accept rate of ${percent(rate)}`,
    value: accepted,
    unit: 'share',
    interval: { ...interval, from: 'bootstrap' },
    of: pairs,
    ...(rate === 1e-3 && { goal: { least: 0.975 } }),
  };
}

/** How many strangers reach the scores that the contract gives a meaning. */
function strangersAbove(strangers: Strangers): Figure[] {
  return meaningful.map(({ score, share }) =>
    withoutInterval(
      shareFigure(
        `false accept rate at ${score}, ${percent(share)} by the contract`,
        strangers.above(score),
        strangers.pairs,
      ),
    ),
  );
}

/** Pairs of strangers share people, so their errors are correlated, which Wilson's interval does not take into account. */
export function withoutInterval(figure: Figure): Figure {
  return { ...figure, interval: null };
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
