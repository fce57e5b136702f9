/**
 * Asks: as the gallery grows, how often is a stranger accepted as a member, and how often is a member ranked first?
 * `node bench/identify/open-set.ts --data <folder> --models <folder> --cache <file>`.
 */
import { parseArgs } from 'node:util';
import { dot } from '../../src/vision/kernels/dot.ts';
import { scoreOf } from '../../src/vision/pipeline/score.ts';
import { table } from '../../tools/markdown.ts';
import { gather, type Subject } from './people.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, models: { type: 'string' }, cache: { type: 'string' } },
});
const { data, models, cache } = values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
const subjects = await gather({ data, models, cache, picturesMax: 14 });
/** How many galleries are drawn. */
const rounds = 40;
const thresholds = [70, 80, 90] as const;

const heads = [
  ...['persons, one face each', 'found first', 'strangers at 70 and more', 'predicted'],
  ...['at 80', 'predicted', 'at 90', 'predicted'],
];
console.log(table(heads, [10, 50, 200, 400].map(row)));

/** Draws galleries; the people who are not in a gallery are its strangers. */
function row(persons: number): (string | number)[] {
  const counts = { first: 0, known: 0, strangers: 0, over: thresholds.map(() => 0) };
  for (let round = 0; round < rounds; round++) {
    const turned = subjects.map((_, i) => subjects[(i * 331 + round * 97) % subjects.length]!);
    const gallery = turned.slice(0, persons);
    for (const person of gallery) {
      counts.known += 1;
      if (nearest(gallery, person.embeddings[1]!).name === person.name) counts.first += 1;
    }
    for (const person of turned.slice(persons, persons + 200)) {
      const { cosine } = nearest(gallery, person.embeddings[0]!);
      counts.strangers += 1;
      thresholds.forEach((score, i) => {
        if (scoreOf(cosine) >= score) counts.over[i]! += 1;
      });
    }
  }
  const rates = thresholds.flatMap((score, i) => {
    const falseAcceptRate = 10 ** (4 - score / 10);
    return [percent(counts.over[i]! / counts.strangers), percent(1 - (1 - falseAcceptRate) ** persons)];
  });
  return [persons, percent(counts.first / counts.known), ...rates];
}

function nearest(gallery: readonly Subject[], probe: Float32Array): { name: string; cosine: number } {
  let best = { name: '', cosine: -1 };
  for (const { name, embeddings } of gallery) {
    const cosine = dot(embeddings[0]!, probe);
    if (cosine > best.cosine) best = { name, cosine };
  }
  return best;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
