/** Fits the scale of scores to pairs of strangers and to edited copies of pictures. */
import { dot } from '../../src/vision/kernels/dot.ts';
import { directionOf } from '../../src/vision/pipeline/embed.ts';
import { type Knot, scoreBetween } from '../../src/vision/pipeline/score.ts';

/** The mean of a recogniser's outputs, each of unit length, from which embeddings are measured: as many numbers as each has. */
export function meanDirection(recognised: readonly Float32Array[]): number[] {
  const sum = new Float64Array(recognised[0]!.length);
  for (const one of recognised) {
    directionOf(one)!.forEach((value, i) => {
      sum[i]! += value / recognised.length;
    });
  }
  return Array.from(sum, (value) => Number(value.toPrecision(5)));
}

/**
 * The cosine from which two pictures are almost the same: no other picture of a person reaches it, by a quarter of what is
 * missing from 1.
 * @param cosines of pairs of photographs of one person that are no copies.
 */
export function samePictureFrom(cosines: readonly number[]): number {
  const nearest = Math.max(...cosines);
  return nearest + (1 - nearest) / 4;
}

/** An embedding and its person. */
export interface Labelled {
  readonly embedding: Float32Array;
  readonly person: string;
}

/** Bins of the histogram of cosines. */
const bins = 100_000;

/** Below this share of stranger pairs a fitted tail is used instead of the pairs, of which too few are so similar. */
const tailShare = 1e-3;

/** The share of stranger pairs that passes, and the score at which it does (docs/contract.md §3.2 from 70 on, ours below). */
const anchors = [
  { share: 0.5, score: 25 },
  { share: 1e-1, score: 50 },
  { share: 1e-2, score: 60 },
  { share: 1e-3, score: 70 },
  { share: 1e-4, score: 80 },
  { share: 1e-5, score: 90 },
] as const;

/**
 * Fits the knots.
 * @param people any two with different names count as strangers.
 * @param samePicture the cosine from which two pictures are almost the same.
 */
export function learnScale(people: readonly Labelled[], samePicture: number): { knots: Knot[]; strangers: number } {
  const counts = new Float64Array(bins + 1);
  let strangers = 0;
  let least = 1;
  people.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = people[j]!;
      if (a.person === b.person) continue;
      const cosine = dot(a.embedding, b.embedding);
      counts[Math.round(((cosine + 1) / 2) * bins)]!++;
      strangers++;
      least = Math.min(least, cosine);
    }
  });
  const empirical = (share: number): number => {
    let above = 0;
    let bin = bins;
    while (bin > 0 && above + counts[bin]! <= share * strangers) above += counts[bin--]!;
    return cosineOf(bin);
  };
  const tail = fitTail(counts, empirical(tailShare));
  const passing = (share: number): number => (share < tailShare ? tail(share / tailShare) : empirical(share));
  const knots = [
    { cosine: least, score: 0 },
    ...anchors.map(({ share, score }) => ({ cosine: passing(share), score })),
    { cosine: samePicture, score: 99 },
    { cosine: 1, score: 100 },
  ].map(({ cosine, score }) => ({ cosine: Number(cosine.toFixed(5)), score }));
  return { knots, strangers };
}

/**
 * Fits a scale on half of the people and applies it to the other half: the share of stranger pairs that reaches each
 * score from 70 on, averaged over both directions.
 */
export function checkOnOthers(people: readonly Labelled[]): Record<string, number> {
  const names = [...new Set(people.map(({ person }) => person))].sort();
  const even = new Set(names.filter((_, i) => i % 2 === 0));
  const halves = [people.filter(({ person }) => even.has(person)), people.filter(({ person }) => !even.has(person))];
  const shares = halves.map((half, i) => {
    const { knots } = learnScale(halves[1 - i]!, 1 - 1e-5);
    return anchors.filter(({ score }) => score >= 70).map(({ score }) => passingShare(half, knots, score));
  });
  const scores = anchors.map(({ score }) => score).filter((score) => score >= 70);
  return Object.fromEntries(
    scores.map((score, i) => [score, Number(((shares[0]![i]! + shares[1]![i]!) / 2).toPrecision(2))]),
  );
}

function passingShare(people: readonly Labelled[], knots: readonly Knot[], least: number): number {
  let [passing, pairs] = [0, 0];
  people.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = people[j]!;
      if (a.person === b.person) continue;
      pairs++;
      if (scoreBetween(knots, dot(a.embedding, b.embedding)) >= least) passing++;
    }
  });
  return passing / pairs;
}

function cosineOf(bin: number): number {
  return (2 * (bin + 0.5)) / bins - 1;
}

/**
 * Fits a generalised Pareto distribution to what exceeds `start`, by probability-weighted moments (Hosking and Wallis,
 * Technometrics 29, 1987), so that no single pair of look-alikes decides the cosine that one pair in a hundred thousand
 * exceeds.
 * @returns the cosine that a share of the exceeding pairs exceeds.
 */
function fitTail(counts: Float64Array, start: number): (share: number) => number {
  let [seen, sum, weighted] = [0, 0, 0];
  // From the top down, `seen` is how many pairs exceed a bin.
  for (let bin = bins; bin >= 0 && cosineOf(bin) > start; bin--) {
    const excess = cosineOf(bin) - start;
    const count = counts[bin]!;
    sum += excess * count;
    weighted += excess * count * (seen + (count - 1) / 2);
    seen += count;
  }
  const mean = sum / seen;
  const rest = mean - (2 * weighted) / (seen * (seen - 1));
  const shape = 2 - mean / rest;
  const scale = (mean * (mean - rest)) / rest;
  return (share) => start + (scale / shape) * (share ** -shape - 1);
}
