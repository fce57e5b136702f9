/** Asks how the comparisons of a probe with all faces of a person should become one score; verify does the last of the ways. */
import { dot } from '../../src/vision/kernels/dot.ts';
import type { InnerEvidence } from './evidence.ts';
import { type Figure, type Findings, type Grid, shareFigure } from './figures.ts';
import { misnamed } from './manifests.ts';
import { meaningful, withoutInterval } from './recognition.ts';

/** Cosines of a probe with each face of a person, and with the mean of them. */
interface Comparison {
  readonly cosines: readonly number[];
  readonly toMean: number;
}

/** A person with the embeddings of the person's photographs. */
interface Subject {
  readonly name: string;
  readonly embeddings: readonly Float32Array[];
}

/** How many faces of a person are enrolled. */
const enrolments = [1, 2, 3, 5] as const;
/** Each person is enrolled this many times, with other photographs. */
const rounds = 2;
/** One stranger in so many of a round is compared with a person. */
const strangersStep = 2;
/** The false accept rate at which ways are told apart. */
const rate = 1e-4;
/** The score of the median pair of strangers, and of the usual pair of one person's pictures. */
const [strangersScore, ownScore] = [25, 93];

/** Measures ways to make one cosine of several, by how many faces a person has. */
export function fusion(evidence: InnerEvidence): Findings {
  if (!evidence.people.known) return { figures: [], remarks: ['The names of the files do not say who is shown.'] };
  const { scoreOf } = evidence.analyzer;
  const subjects = subjectsOf(evidence);
  const ways = waysOf(scoreOf);
  const [threshold] = meaningful;
  const measured = enrolments.map((enrolled) => {
    const { genuine, strangers } = compareAll(subjects, enrolled);
    return Object.values(ways).map((fuse): [Figure, Figure] => {
      const own = Float64Array.from(genuine, fuse);
      const others = Float64Array.from(strangers, fuse).sort().reverse();
      const least = others[Math.floor(others.length * rate)] ?? Number.POSITIVE_INFINITY;
      const reached = others.findIndex((cosine) => scoreOf(cosine) < threshold.score);
      return [
        shareFigure('accepted', own.filter((cosine) => cosine >= least).length, own.length),
        withoutInterval(shareFigure('strangers', reached < 0 ? others.length : reached, others.length)),
      ];
    });
  });
  const grid = (title: string, part: 0 | 1): Grid => ({
    title,
    head: ['way', ...enrolments.map((enrolled) => `${enrolled} ${enrolled === 1 ? 'face' : 'faces'}`)],
    rows: Object.keys(ways).map((name, way) => ({ name, cells: measured.map((figures) => figures[way]![part]) })),
  });
  if (subjects.length === 0) return { figures: [], remarks: [] };
  return {
    figures: [],
    grids: [
      grid(`Genuine probes accepted where one stranger in ${(1 / rate).toLocaleString('en')} is`, 0),
      grid(
        `Strangers that reach ${threshold.score}, one in ${(1 / threshold.share).toLocaleString('en')} by the contract`,
        1,
      ),
    ],
    remarks: [`${subjects.length.toLocaleString('en')} people with two photographs or more.`],
  };
}

/** The people of whom there are two photographs or more. */
function subjectsOf({ analysed, people }: InnerEvidence): Subject[] {
  const faces = [...analysed].flatMap(([path, { face }]) => {
    const person = people.of(path);
    return face && person !== path && !misnamed.has(path) ? [{ person, embedding: face.embedding }] : [];
  });
  return [...Map.groupBy(faces, ({ person }) => person)]
    .filter(([, own]) => own.length > 1)
    .map(([name, own]) => ({ name, embeddings: own.map(({ embedding }) => embedding) }));
}

/** Ways to make one cosine of several. */
function waysOf(scoreOf: (cosine: number) => number): Readonly<Record<string, (comparison: Comparison) => number>> {
  const best = ({ cosines }: Comparison): number => Math.max(...cosines);
  const average = (cosines: readonly number[]): number =>
    cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  const [strangers, own] = [cosineAt(scoreOf, strangersScore), cosineAt(scoreOf, ownScore)];
  // By how much the cosine of a usual stranger to the mean of several pictures exceeds the cosine to each of them.
  const gain = (pictures: number): number => strangers * (Math.sqrt(pictures / (1 + (pictures - 1) * own)) - 1);
  return {
    'best single face': best,
    'average of the two best': ({ cosines }) => average(cosines.toSorted((a, b) => b - a).slice(0, 2)),
    'average of the cosines': ({ cosines }) => average(cosines),
    'average of mean face and best': (comparison) => (comparison.toMean + best(comparison)) / 2,
    'better of mean face and best': (comparison) => Math.max(comparison.toMean, best(comparison)),
    'mean face': ({ toMean }) => toMean,
    "mean face minus the strangers' advantage, as verify": ({ cosines, toMean }) => toMean - gain(cosines.length),
  };
}

/** Compares the pictures that are not enrolled with their person, and pictures of other people. */
function compareAll(subjects: readonly Subject[], enrolled: number) {
  const [genuine, strangers]: [Comparison[], Comparison[]] = [[], []];
  const people = subjects.filter(({ embeddings }) => embeddings.length > enrolled);
  for (const [i, person] of people.entries()) {
    for (let round = 0; round < rounds; round++) {
      const turned = person.embeddings.map((_, k, all) => all[(k + round) % all.length]!);
      const faces = turned.slice(0, enrolled);
      const mean = meanOf(faces);
      for (const probe of turned.slice(enrolled)) genuine.push(compare(probe, faces, mean));
      for (let j = (i + round) % strangersStep; j < subjects.length; j += strangersStep) {
        const { name, embeddings } = subjects[j]!;
        if (name !== person.name)
          strangers.push(compare(embeddings[(i + j + round) % embeddings.length]!, faces, mean));
      }
    }
  }
  return { genuine, strangers };
}

function compare(probe: Float32Array, faces: readonly Float32Array[], mean: Float32Array): Comparison {
  return { cosines: faces.map((face) => dot(probe, face)), toMean: dot(probe, mean) };
}

function meanOf(faces: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(faces[0]!.length);
  for (const face of faces) for (let i = 0; i < mean.length; i++) mean[i]! += face[i]!;
  const length = Math.sqrt(dot(mean, mean));
  return mean.map((value) => value / length);
}

/** The cosine with this score, by bisection: the scale rises. */
function cosineAt(scoreOf: (cosine: number) => number, score: number): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (scoreOf(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}
