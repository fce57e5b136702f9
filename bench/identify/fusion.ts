/**
 * Asks: how should the comparisons of a probe with all faces of a person become one score?
 * `node bench/identify/fusion.ts --data <folder> --models <folder> --cache <file>`.
 */
import { parseArgs } from 'node:util';
import { dot } from '../../src/vision/kernels/dot.ts';
import { scoreOf } from '../../src/vision/pipeline/score.ts';
import { table } from '../../tools/markdown.ts';
import { gather } from './people.ts';

/** Cosines of a probe with each face of a person, and with the mean of them. */
interface Comparison {
  readonly cosines: readonly number[];
  readonly toMean: number;
}

const best = ({ cosines }: Comparison): number => Math.max(...cosines);
const average = (cosines: readonly number[]): number =>
  cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;

/** The median cosine of strangers, and the usual one of two pictures of one person. */
const [strangersCosine, ownCosine] = [cosineAt(25), cosineAt(93)];

/** Ways to make one cosine of several. */
const fusions: Readonly<Record<string, (comparison: Comparison) => number>> = {
  'best single face': best,
  'mean face': ({ toMean }) => toMean,
  'average of the two best': ({ cosines }) => average(cosines.toSorted((a, b) => b - a).slice(0, 2)),
  'better of mean face and best': (comparison) => Math.max(comparison.toMean, best(comparison)),
  'average of mean face and best': (comparison) => (comparison.toMean + best(comparison)) / 2,
  'average of the cosines': ({ cosines }) => average(cosines),
  "mean face minus the strangers' advantage": ({ cosines, toMean }) => toMean - strangerGain(cosines.length),
};

/** By how much the cosine of a usual stranger to the mean of several pictures exceeds the cosine to each of them. */
function strangerGain(pictures: number): number {
  return strangersCosine * (Math.sqrt(pictures / (1 + (pictures - 1) * ownCosine)) - 1);
}

const heads = [
  ...['fusion', 'accepted at FAR 1e-2', '1e-3', '1e-4'],
  ...['strangers at 70 and more', 'at 75', 'genuine at 70', 'at 75'],
];

/** Each person is enrolled this many times, with other photographs. */
const rounds = 2;

const { values } = parseArgs({
  options: { data: { type: 'string' }, models: { type: 'string' }, cache: { type: 'string' } },
});
const { data, models, cache } = values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
const subjects = await gather({ data, models, cache, picturesMax: 14 });
console.log(
  `${subjects.length} people, ${subjects.reduce((sum, { embeddings }) => sum + embeddings.length, 0)} photographs`,
);
for (let enrolled = 1; enrolled <= 5; enrolled++) report(enrolled);

function report(enrolled: number): void {
  const people = subjects.filter(({ embeddings }) => embeddings.length > enrolled);
  const genuine: Comparison[] = [];
  const strangers: Comparison[] = [];
  for (const [i, person] of people.entries()) {
    for (let round = 0; round < rounds; round++) {
      const turned = person.embeddings.map((_, k, all) => all[(k + round) % all.length]!);
      const faces = turned.slice(0, enrolled);
      const mean = meanOf(faces);
      for (const probe of turned.slice(enrolled)) genuine.push(compare(probe, faces, mean));
      subjects.forEach((other, j) => {
        if (other.name !== person.name)
          strangers.push(compare(other.embeddings[(i + j + round) % other.embeddings.length]!, faces, mean));
      });
    }
  }
  console.log(
    `\n${enrolled} enrolled: ${people.length} people, ${genuine.length} genuine and ${strangers.length} stranger comparisons`,
  );
  const rows = Object.entries(fusions).map(([name, fuse]) => {
    const [ours, others] = [genuine.map(fuse), strangers.map(fuse).sort((a, b) => b - a)];
    const accepted = [1e-2, 1e-3, 1e-4].map((far) =>
      percent(shareFrom(ours, others[Math.floor(others.length * far)]!)),
    );
    const [at70, at75] = [70, 75].map((score) => shareFrom(others, cosineAt(score)).toExponential(1));
    const known = [70, 75].map((score) => percent(shareFrom(ours, cosineAt(score))));
    return [name, ...accepted, at70!, at75!, ...known];
  });
  console.log(table(heads, rows));
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

function shareFrom(values: readonly number[], least: number): number {
  return values.filter((value) => value >= least).length / values.length;
}

/** The cosine with this score, by bisection: the scale rises. */
function cosineAt(score: number): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (scoreOf(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
