/** Measures identification: how often members of a gallery are found, and strangers are accepted. */

import { createRandom } from '../statistics.ts';
import type { Evidence } from './evidence.ts';
import { type Figure, type Findings, shareFigure } from './figures.ts';
import { misnamed, pathsOf } from './manifests.ts';

/** Persons in the gallery, one picture of each. */
const gallerySizes = [10, 50, 200, 500, 1000] as const;
/** Scores that have a meaning (docs/contract.md §3.2). */
const thresholds = [70, 80, 90] as const;
/** How many galleries are drawn. */
const rounds = 10;
/** At most this many members are searched for in a gallery, and as many strangers. */
const probesMax = 400;

/** A person with the embeddings of some pictures. */
interface Subject {
  readonly embeddings: readonly Float32Array[];
}

/** The nearest member of a gallery. */
interface Hit {
  readonly person: Subject;
  readonly score: number;
}

/** Measures, as the gallery grows, how often a member is ranked first, and how often a stranger is accepted. */
export function identification({ analyzer, rows, analysed, people }: Evidence): Findings {
  if (!people.known) return { figures: [], remarks: ['The names of the files do not say who is shown.'] };
  const faces = pathsOf(rows('pairs')).flatMap((path) => {
    const face = analysed.get(path)?.face;
    return face && !misnamed.has(path) ? [{ person: people.of(path), embedding: face.embedding }] : [];
  });
  const subjects = [...Map.groupBy(faces, ({ person }) => person).values()].map((own) => ({
    embeddings: own.map(({ embedding }) => embedding),
  }));
  const nearest = (gallery: readonly Subject[], probe: Float32Array): Hit => {
    let best: Hit = { person: gallery[0]!, score: Number.NEGATIVE_INFINITY };
    for (const person of gallery) {
      const score = analyzer.compare(person.embeddings[0]!, probe).score;
      if (score > best.score) best = { person, score };
    }
    return best;
  };
  // Half of the people are not enrolled: they are the strangers.
  const sizes = gallerySizes.filter((size) => 2 * size <= subjects.length);
  return { figures: sizes.flatMap((size) => figuresOf(size, subjects, nearest)), remarks: [] };
}

function figuresOf(
  size: number,
  subjects: readonly Subject[],
  nearest: (gallery: readonly Subject[], probe: Float32Array) => Hit,
): Figure[] {
  const random = createRandom(size);
  const counts = { known: 0, first: 0, strangers: 0, over: thresholds.map(() => 0) };
  for (let round = 0; round < rounds; round++) {
    const shuffled = shuffle(subjects, random);
    const gallery = shuffled.slice(0, size);
    for (const person of gallery.filter(({ embeddings }) => embeddings.length > 1).slice(0, probesMax)) {
      counts.known++;
      if (nearest(gallery, person.embeddings[1]!).person === person) counts.first++;
    }
    for (const { embeddings } of shuffled.slice(size, size + probesMax)) {
      const { score } = nearest(gallery, embeddings[0]!);
      counts.strangers++;
      thresholds.forEach((least, i) => {
        if (score >= least) counts.over[i]!++;
      });
    }
  }
  const distinct = {
    known: subjects.filter(({ embeddings }) => embeddings.length > 1).length,
    strangers: subjects.length,
  };
  const name = `gallery of ${size.toLocaleString('en')}`;
  return [
    onceEach(shareFigure(`${name}: rank-1 rate`, counts.first, counts.known), distinct.known),
    ...thresholds.map((least, i) =>
      onceEach(
        shareFigure(`${name}: false positive rate at ${least}`, counts.over[i]!, counts.strangers),
        distinct.strangers,
      ),
    ),
  ];
}

/** In the interval each person counts once, however often searched for: it would be too narrow otherwise. */
function onceEach(figure: Figure, distinct: number): Figure {
  if (figure.value === null || figure.of <= distinct) return figure;
  const { interval } = shareFigure(figure.name, figure.value * distinct, distinct);
  return { ...figure, interval, of: distinct };
}

/** The items in random order (Fisher and Yates). */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}
