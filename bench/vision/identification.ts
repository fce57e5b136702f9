/** Measures identification: how often members of a gallery are found, and strangers are accepted. */
import { strangersAccepted } from '../../src/contract/score-meaning.ts';
import { createRandom } from '../statistics.ts';
import type { InnerEvidence } from './evidence.ts';
import { type Figure, type Findings, type Grid, shareFigure } from './figures.ts';
import { portraitsOf } from './pairs.ts';
import { meaningful, withoutInterval } from './recognition.ts';
import { type AlarmPoint, alarmsPlot } from './recognition-plots.ts';

/** Persons in the gallery, one picture of each. */
const gallerySizes = [10, 50, 200, 500, 1000] as const;
/** How many galleries are drawn. */
const rounds = 10;
/** At most this many members are searched for in a gallery, and as many strangers. */
const probesMax = 400;
/** What is asked of rank-1 in a gallery of everybody who has two pictures. */
export const rankOneGoal = { least: 0.98 } as const;

/** A person with the embeddings of some pictures. */
interface Subject {
  readonly embeddings: readonly Float32Array[];
}

/** The nearest member of a gallery. */
interface Hit {
  readonly person: Subject;
  readonly score: number;
}

/** What was counted in galleries of one size. */
export interface GalleryCounts {
  readonly persons: number;
  /** Members who were searched for, and found first. */
  readonly known: number;
  readonly first: number;
  /** Strangers who were searched for, and at each threshold of {@link meaningful} those who were accepted. */
  readonly strangers: number;
  readonly over: readonly number[];
  /** How many people they are: each counts once in an interval, however often searched for. */
  readonly distinct: { readonly known: number; readonly strangers: number };
}

/** Measures, as the gallery grows, how often a member is ranked first, and how often a stranger is accepted. */
export function identification(evidence: InnerEvidence): Findings {
  const { analyzer, people } = evidence;
  if (!people.known) return { figures: [], remarks: ['The names of the files do not say who is shown.'] };
  const subjects = [...Map.groupBy(portraitsOf(evidence), ({ person }) => person).values()].map((own) => ({
    embeddings: own.map(({ embedding }) => embedding),
  }));
  const nearest = (gallery: readonly Subject[], probe: Float32Array): Hit => {
    let best: Hit = { person: gallery[0]!, score: Number.NEGATIVE_INFINITY };
    for (const person of gallery) {
      const { score } = analyzer.compare(person.embeddings[0]!, probe);
      if (score > best.score) best = { person, score };
    }
    return best;
  };
  // Half of the people are not enrolled: they are the strangers.
  const sizes = gallerySizes.filter((size) => 2 * size <= subjects.length);
  const counted = sizes.map((size) => countIn(size, subjects, nearest));
  return { ...galleryFindings(counted), figures: [...everybody(subjects, nearest)] };
}

/** The gallery of everybody who has two pictures: one picture of each is enrolled, and every other one is searched for. */
function everybody(
  subjects: readonly Subject[],
  nearest: (gallery: readonly Subject[], probe: Float32Array) => Hit,
): Figure[] {
  const [gallery, strangers] = [
    subjects.filter(({ embeddings }) => embeddings.length > 1),
    subjects.filter(({ embeddings }) => embeddings.length === 1),
  ];
  if (gallery.length === 0) return [];
  const probes = gallery.flatMap((person) => person.embeddings.slice(1).map((probe) => ({ person, probe })));
  const first = probes.filter(({ person, probe }) => nearest(gallery, probe).person === person).length;
  const scores = strangers.map(({ embeddings }) => nearest(gallery, embeddings[0]!).score);
  const name = `everybody with two pictures enrolled, ${gallery.length.toLocaleString('en')} persons`;
  return [
    { ...shareFigure(`${name}: rank-1 rate`, first, probes.length), goal: rankOneGoal },
    ...meaningful.map(({ score }) =>
      shareFigure(
        `the same: strangers accepted at ${score}, predicted ${percent(strangersAccepted(score, gallery.length))}`,
        scores.filter((one) => one >= score).length,
        strangers.length,
      ),
    ),
  ];
}

function countIn(
  persons: number,
  subjects: readonly Subject[],
  nearest: (gallery: readonly Subject[], probe: Float32Array) => Hit,
): GalleryCounts {
  const random = createRandom(persons);
  const counts = { known: 0, first: 0, strangers: 0, over: meaningful.map(() => 0) };
  for (let round = 0; round < rounds; round++) {
    const shuffled = shuffle(subjects, random);
    const gallery = shuffled.slice(0, persons);
    for (const person of gallery.filter(({ embeddings }) => embeddings.length > 1).slice(0, probesMax)) {
      counts.known++;
      if (nearest(gallery, person.embeddings[1]!).person === person) counts.first++;
    }
    for (const { embeddings } of shuffled.slice(persons, persons + probesMax)) {
      const { score } = nearest(gallery, embeddings[0]!);
      counts.strangers++;
      meaningful.forEach(({ score: least }, i) => {
        if (score >= least) counts.over[i]!++;
      });
    }
  }
  const distinct = {
    known: subjects.filter(({ embeddings }) => embeddings.length > 1).length,
    strangers: subjects.length,
  };
  return { persons, ...counts, distinct };
}

/** Tells the counts as a table and as a plot, the predicted rates beside the measured ones. */
export function galleryFindings(counted: readonly GalleryCounts[]): Findings {
  const points = counted.flatMap((counts) =>
    alarms(counts).map(({ figure, threshold, predicted }): AlarmPoint[] =>
      figure.value === null || figure.interval === null
        ? []
        : [{ persons: counts.persons, threshold, measured: figure.value, interval: figure.interval, predicted }],
    ),
  );
  const grid: Grid = {
    title: 'Found first, and strangers accepted, by the size of the gallery',
    head: [
      'persons, one face each',
      ...['found first', 'members'],
      ...meaningful.flatMap(({ score }) => [`strangers at ${score}`, 'predicted']),
      'strangers',
    ],
    rows: counted.map((counts) => ({
      name: counts.persons.toLocaleString('en'),
      cells: [
        onceEach(shareFigure('rank-1 rate', counts.first, counts.known), counts.distinct.known),
        Math.min(counts.known, counts.distinct.known),
        ...alarms(counts).flatMap(({ figure, predicted }) => [
          figure,
          withoutInterval(shareFigure('predicted', predicted, 1)),
        ]),
        Math.min(counts.strangers, counts.distinct.strangers),
      ],
    })),
  };
  const remark =
    'Predicted: 1 − (1 − FAR)^N, with the false accept rate FAR of the threshold and N faces in the gallery.';
  if (counted.length === 0) return { figures: [], remarks: [] };
  return { figures: [], grids: [grid], plots: [alarmsPlot(points.flat())], remarks: [remark] };
}

function alarms({ persons, strangers, over, distinct }: GalleryCounts) {
  return meaningful.map(({ score: threshold }, i) => ({
    threshold,
    figure: onceEach(shareFigure(`false positive rate at ${threshold}`, over[i]!, strangers), distinct.strangers),
    predicted: strangersAccepted(threshold, persons),
  }));
}

/** In the interval each person counts once, however often searched for: it would be too narrow otherwise. */
function onceEach(figure: Figure, distinct: number): Figure {
  if (figure.value === null || figure.of <= distinct) return figure;
  const { interval } = shareFigure(figure.name, figure.value * distinct, distinct);
  return { ...figure, interval, of: distinct };
}

/** The items in random order (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
