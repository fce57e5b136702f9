/**
 * Asks: how many planted doubles and strays does a check find among 5,000 persons, at how many false alarms? Writes
 * `bench/results/check.md`: `node bench/check/run.ts --data FOLDER [--persons 5000] [--cache FILE]`. The folder holds photographs of
 * labelled persons, a folder each; the persons that are missing are made up.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openAnalyzer } from '../../src/app/analyzer.ts';
import { openData } from '../../src/app/create-app.ts';
import { allProposals, type CheckReport, runCheck } from '../../src/app/operator/check.ts';
import type { OpenedAnalyzer } from '../../src/app/packs/opened-analyzer.ts';
import { readSettings } from '../../src/app/settings.ts';
import { cosineAt } from '../../src/domain/likeness.ts';
import { PairPanel } from '../../src/search/pairs.ts';
import type { Finding } from '../../src/store/check/finding.ts';
import { face as blankFace, limits, person } from '../../test/store/fixtures.ts';
import { table } from '../../tools/markdown.ts';
import { count, importNetworks, renderCircumstances, root } from '../identify/subject.ts';
import { abreastOf } from '../vision/analyses.ts';
import { MadeUpPeople } from './people.ts';
import { plant, type Score, scoreOf } from './plant.ts';

/** A face as it is registered. */
interface Photographed {
  readonly embedding: Float32Array;
  readonly crop: Uint8Array;
  readonly quality: number;
}

/** Photographs that are known to be of one person under two names, as the data set's own notes say: they are no false alarms. */
const knownDoubles = [
  ['Gabrielle_Rose', 'Martha_Bowen'],
  ['Bart_Hendricks', 'Ricky_Ray'],
  ['Andrew_Caldecott', 'Andrew_Gilligan'],
  ['Emmy_Rossum', 'Eva_Amurri'],
  ['Carlos_Beltran', 'Raul_Ibanez'],
] as const;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    persons: { type: 'string', default: '5000' },
    cache: { type: 'string' },
  },
});
if (values.data === undefined) throw new Error('name a folder of persons with --data');
const persons = Number(values.persons);
const appid = '1000001';
const { signal } = new AbortController();

await using networks = await importNetworks();
const settings = readSettings({ data: networks.folder, workers: 2, queueMax: 1_000 }, undefined, {});
await using analyzer = await openAnalyzer(settings);
const people = await readPeople(values.data, values.cache);
const photographs = [...people.values()].flat();
console.log(`${people.size} persons, ${photographs.length} photographs`);
const rows: string[][] = [];
for (const [facesOfDouble, what] of [
  [4, 'each half of a double has two photographs or more'],
  [2, 'most halves have one photograph'],
] as const) {
  for (const seed of [1, 2, 3]) {
    const { score, report } = await trial(seed, facesOfDouble);
    const alarms = Object.entries(Object.groupBy(score.falseAlarms, ({ kind }) => kind));
    rows.push([
      what,
      String(seed),
      `${score.doubles} of 50`,
      `${score.strays} of 50`,
      `${score.falseAlarms.length} (${alarms.map(([kind, some]) => `${kind} ${some!.length}`).join(', ')})`,
      (report.ms / 1000).toFixed(1),
    ]);
    console.log(rows.at(-1)!.join(', '));
    for (const finding of score.falseAlarms) console.log(JSON.stringify(finding));
  }
}
await writeFile(join(root, 'bench', 'results', 'check.md'), page());
console.log('written: bench/results/check.md');

/** Registers people with what is planted among them, checks them, and compares. */
async function trial(seed: number, facesOfDouble: number): Promise<{ score: Score; report: CheckReport }> {
  const madeUp = new MadeUpPeople(seed);
  const all = new Map(people);
  // Half of the strays are photographs of people who are not registered.
  const strangers = [...all.keys()].filter((id) => all.get(id)!.length === 1 && madeUp.below(20) === 0).slice(0, 25);
  const strangersFaces = strangers.map((id) => all.get(id)![0]!);
  for (const id of strangers) all.delete(id);
  while (all.size < persons) all.set(`made-up-${all.size}`, makeUp(madeUp));
  const real = new Map([...all].filter(([id]) => people.has(id)));
  const {
    doubles,
    strays,
    persons: planted,
  } = plant(real, strangersFaces, { doubles: 50, strays: 50, facesOfDouble }, (end) => madeUp.below(end));
  const rest = [...all].filter(([id]) => !people.has(id));
  let next = 10_000_000;
  const named = rest.map(([id, faces]) => [id, faces.map((face) => ({ id: String(next++), face }))] as const);
  const folder = await mkdtemp(join(tmpdir(), 'familiar-check-'));
  try {
    await using stores = await openData(readSettings({ data: join(folder, 'data') }, undefined, {}));
    await stores.tenants.add(appid, {});
    const everybody = [...planted, ...named];
    for (let i = 0; i < everybody.length; i += 500) {
      await stores.of(appid).write(async (store) => {
        for (const [id, faces] of everybody.slice(i, i + 500)) {
          await store.insertPerson(person(id));
          for (const { id: faceId, face } of faces) {
            await store.insertFace({ ...blankFace(faceId, id), model: analyzer.model, ...face }, limits);
          }
        }
      });
    }
    const report = await runCheck(stores, analyzer, appid, { signal });
    const findings = (await Array.fromAsync(allProposals(stores, appid))).flat().map(({ finding }) => finding);
    const score = scoreOf({ doubles, strays }, findings);
    return { score: { ...score, falseAlarms: score.falseAlarms.filter((finding) => !isKnown(finding)) }, report };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How many pairs of photographs of two persons reach some scores, the known doubles left out. */
function strangersAbove(scores: readonly number[]): readonly string[][] {
  const owners = [...people].flatMap(([id, faces]) => faces.map(() => id));
  const known = new Set(knownDoubles.map((pair) => pair.toSorted().join('\n')));
  const { dimension } = analyzer;
  const batchMost = 500;
  const panel = new PairPanel(dimension, photographs.length, batchMost);
  const rows = new Float32Array(photographs.length * dimension);
  for (const [i, { embedding }] of photographs.entries()) rows.set(embedding, i * dimension);
  panel.hold(rows);
  const found: number[] = [];
  for (let from = 0; from < photographs.length; from += batchMost) {
    const batch = rows.subarray(from * dimension, Math.min(photographs.length, from + batchMost) * dimension);
    panel.compare(batch, cosineAt(analyzer, scores[0]!), (held, passing, cosine) => {
      const pair = [owners[held]!, owners[from + passing]!] as const;
      if (held < from + passing && pair[0] !== pair[1] && !known.has(pair.toSorted().join('\n'))) {
        found.push(analyzer.scoreOf(cosine));
      }
    });
  }
  const same = [...people.values()].reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const all = (photographs.length * (photographs.length - 1)) / 2 - same;
  return scores.map((score) => {
    const reach = found.filter((one) => one >= score).length;
    return [String(score), count(reach), ((1e6 * reach) / all).toFixed(2)];
  });
}

function isKnown(finding: Finding): boolean {
  return (
    finding.kind === 'double' &&
    knownDoubles.some((pair) => pair.every((id) => finding.persons.some((one) => one.startsWith(id))))
  );
}

function makeUp(madeUp: MadeUpPeople): Photographed[] {
  const centre = madeUp.person();
  return Array.from({ length: madeUp.facesOfPerson() }, () => {
    const { crop, quality } = photographs[madeUp.below(photographs.length)]!;
    return { embedding: madeUp.face(centre), crop, quality };
  });
}

/** Analyses the photographs of every person, or reads what an earlier run has kept of that. */
async function readPeople(data: string, cache: string | undefined): Promise<ReadonlyMap<string, Photographed[]>> {
  const read =
    cache !== undefined && existsSync(cache) ? (JSON.parse(await readFile(cache, 'utf8')) as Kept) : undefined;
  const kept = read?.model === analyzer.model ? read : await analyzePeople(data, analyzer);
  if (cache !== undefined && kept !== read) await writeFile(cache, JSON.stringify(kept));
  return new Map(
    Object.entries(kept.people).map(([id, faces]) => [
      id,
      faces.map(({ embedding, crop, quality }) => ({
        embedding: new Float32Array(new Uint8Array(Buffer.from(embedding, 'base64')).buffer),
        crop: new Uint8Array(Buffer.from(crop, 'base64')),
        quality,
      })),
    ]),
  );
}

interface Kept {
  readonly model: string;
  readonly people: Record<string, { readonly embedding: string; readonly crop: string; readonly quality: number }[]>;
}

async function analyzePeople(
  data: string,
  { model, analyze }: Pick<OpenedAnalyzer, 'model' | 'analyze'>,
): Promise<Kept> {
  const kept: Kept = { model, people: {} };
  const names = (await readdir(data)).sort();
  const files = await Promise.all(names.map(async (name) => (await readdir(join(data, name))).sort()));
  for (const name of names) kept.people[name] = [];
  const all = names.flatMap((name, i) => files[i]!.map((file) => [name, file] as const));
  let done = 0;
  await abreastOf(4, all, async ([name, file]) => {
    const picture = new Uint8Array(await readFile(join(data, name, file)));
    const parts = ['attributes', 'embedding', 'crop', 'quality'] as const;
    const { faces } = await analyze(picture, { facesMax: 1, parts });
    const [face] = faces;
    if (face !== undefined) {
      const embedding = Buffer.from(new Uint8Array(face.embedding.slice().buffer)).toString('base64');
      const crop = Buffer.from(face.crop).toString('base64');
      kept.people[name]!.push({ embedding, crop, quality: face.quality.score });
    }
    done += 1;
    if (done % 500 === 0) console.log(`${done} of ${all.length} photographs`);
  });
  for (const [name, faces] of Object.entries(kept.people)) if (faces.length === 0) delete kept.people[name];
  return kept;
}

function page(): string {
  return `# Checks

Written by \`node bench/check/run.ts --data FOLDER --persons ${persons}\` on the half of Labeled Faces in the Wild that development may use: ${count(people.size)} persons with ${count(photographs.length)} photographs, embedded
by the built-in networks. Persons up to ${count(persons)} are made up, with embeddings as far apart as those of real ones (\`bench/check/people.ts\`); nothing is
planted among them.

${renderCircumstances(networks)}

## What is found

A double is a person of the data set whose photographs are divided between two persons. A stray is a photograph that was given to another person, who has
two or more: half of them are of persons who are registered, half of people who are not. A false alarm is any other double or stray that is
proposed; five pairs that the data set's notes name as one person under two names are not counted. Others that are mistakes of the data set, and not of the
check, are counted, too: of the eight pairs of photographed persons in the first row, six are one person under two names by eye.

${table(['doubles', 'seed', 'doubles found', 'strays found', 'false alarms', 'seconds'], rows)}

A single photograph of each half says less ([what was tried](../../docs/decisions/0036-doubles.md)): about one in twenty pairs of photographs of one person is less alike than some pair of strangers among
5,000. Copies and faces of low quality are not counted here.

## Strangers

Pairs of photographs of two persons, ${count((photographs.length * (photographs.length - 1)) / 2)} pairs in all. Most of those at the top are mistakes of the data set.

${table(['score', 'pairs that reach it', 'in a million'], strangersAbove([80, 85, 90, 91, 92, 93, 95]))}
`;
}
