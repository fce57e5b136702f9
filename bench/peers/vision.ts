/**
 * Measures familiar's analysis of a picture beside `@vladmandic/human` and `@vladmandic/face-api` on their wasm backend,
 * and beside its own networks run alone; writes `bench/results/vision-peers.md`:
 * `npm ci --prefix bench/peers --ignore-scripts`, then
 * `node bench/peers/vision.ts --models <folder> [--data <folder>] [--pairs 300] [--rounds 7]`.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../../tools/markdown.ts';
import { writePlots } from '../plots/plot.ts';
import { number } from '../search/figures.ts';
import { median } from '../statistics.ts';
import { misnamed, type Row, readManifest } from '../vision/manifests.ts';
import { renderImage } from '../vision/report.ts';
import { accuracyOf, type Labels, middleFace, type Pair } from './vision-accuracy.ts';
import { type AnalystName, analysts } from './vision-analysts.ts';
import { type SpeedPoint, speedPlot } from './vision-plot.ts';
import { measureShares, type Share } from './vision-share.ts';
import { type Analysis, openSubject, type Subject } from './vision-subject.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'bench/results/vision-peers.md');
/** The photographs that come with face-api, and the faces that can be counted in each. */
const samples = [3, 3, 3, 4, 5, 4].map((faces, i) => ({
  path: join(root, `node_modules/@vladmandic/face-api/demo/sample${i + 1}.jpg`),
  faces,
}));
/** Side of LFW's pictures. */
const lfwSide = 250;
const titles = { familiar: '**familiar**', human: '@vladmandic/human', faceApi: '@vladmandic/face-api' } as const;

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    data: { type: 'string' },
    pairs: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '7' },
  },
});
const { models, data } = values;
if (!models) throw new Error('give --models, a folder for the imported networks');
const rounds = Number(values.rounds);

/** Read when everything was loaded: somebody may commit during the run. */
const changed = git('status', '--porcelain', 'src/vision') === '' ? '' : ' with changes in src/vision';
const commit = git('rev-parse', '--short', 'HEAD') + changed;

/** The results of each library, by picture, in the order of the rounds. */
type Answers = ReadonlyMap<AnalystName, ReadonlyMap<string, readonly Analysis[]>>;

const labels = data === undefined ? undefined : labelsOf(data, Number(values.pairs));
const labelled = labels === undefined ? [] : [...new Set(labels.pairs.flatMap(({ a, b }) => [a, b]))];
const large = samples.map(({ path }) => path);
const subjects = await openAll();
const onSamples = await askAll(
  subjects,
  Array.from({ length: rounds }, () => large),
);
const onLabelled = await askAll(subjects, [labelled]);
for (const subject of subjects) subject[Symbol.dispose]();
const shares = await measureShares([...large, ...labelled.slice(0, 6)], models, rounds);
const speed = speedPlot([
  ...timesOf('six photographs of 1920 pixels', onSamples),
  ...(labels === undefined ? [] : timesOf('portraits of 250 pixels', onLabelled)),
]);
await writePlots([speed]);
await writeFile(page, render());
console.log(`written: ${page}`);

async function openAll(): Promise<Subject[]> {
  const opened: Subject[] = [];
  for (const name of Object.keys(analysts) as AnalystName[]) opened.push(await openSubject(name, models!));
  // The first pictures are a warm-up.
  for (const subject of opened) for (const path of large.slice(0, 2)) await subject.analyse(path);
  return opened;
}

/** Every picture goes to each analyst before the next picture does. */
async function askAll(asked: readonly Subject[], series: readonly (readonly string[])[]): Promise<Answers> {
  const answers = new Map(asked.map(({ name }) => [name, new Map<string, Analysis[]>()]));
  for (const paths of series) {
    for (const [i, path] of paths.entries()) {
      for (const subject of asked) {
        const own = answers.get(subject.name)!;
        const analysis = await subject.analyse(path);
        own.set(path, [...(own.get(path) ?? []), analysis]);
      }
      if (i % 50 === 49) console.log(`${i + 1} of ${paths.length}`);
    }
  }
  return answers;
}

/** The first pairs of each fold, as many of one person as of two, with the other labels of their pictures. */
function labelsOf(folder: string, wanted: number): Labels {
  const of = (path: string): string => join(folder, path);
  const rows = readManifest(folder, 'pairs').filter(
    ({ pathA, pathB }) => !misnamed.has(pathA!) && !misnamed.has(pathB!),
  );
  const kinds = Map.groupBy(rows, ({ fold, same }) => `${fold} ${same}`);
  const pairs = [...kinds.values()]
    .flatMap((kind) => kind.slice(0, Math.ceil(wanted / kinds.size)))
    .map(({ pathA, pathB, same, fold }): Pair => ({ a: of(pathA!), b: of(pathB!), same: same === '1', fold: fold! }));
  const shown = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  const known = (manifest: string, label: (row: Row) => boolean): Map<string, boolean> =>
    new Map(
      readManifest(folder, manifest)
        .map((row) => [of(row.path!), label(row)] as const)
        .filter(([path]) => shown.has(path)),
    );
  return {
    pairs,
    male: known('gender', ({ gender }) => gender === 'm'),
    smiling: known('smile', ({ smile }) => smile === '1'),
  };
}

function render(): string {
  const command = ['--models <folder>', ...(data === undefined ? [] : ['--data <folder>', `--pairs ${values.pairs}`])];
  return `# Face analysis beside other libraries

Written by \`node bench/peers/vision.ts ${command.join(' ')} --rounds ${rounds}\`, after \`npm ci --prefix bench/peers --ignore-scripts\`.
Every picture went to each library in turn, each in a process of its own with one thread for its networks. familiar answers through
a worker, as the server does, with every part of a face (embedding, attributes, contours, crop);
\`human\` with detector (rotated crops), mesh, emotion and description; \`face-api\` with SSD, 68 landmarks, expressions,
descriptor, age and gender; both on tfjs 4.22.0 with wasm SIMD, pictures decoded for them by sharp. Times count from the file's
bytes to the answer and are medians. Where other work runs on the machine, processor time is the fairer column.

- machine: ${cpus()[0]!.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${commit}
- date: ${new Date().toISOString().slice(0, 10)}

## Time and memory

${renderImage(speed, '../../docs/plots')}

${renderTimes('Six photographs of 1920 pixels, three to five faces each', onSamples)}

${labels === undefined ? '' : renderTimes(`${labelled.length} portraits of 250 pixels (LFW)`, onLabelled)}

Memory is resident, of the process and those that it started: with everything loaded, and the most after any picture.

## Accuracy

${renderFound()}

${labels === undefined ? '' : renderAccuracy(labels)}

## familiar beside its own networks

The networks alone were run again on their inputs for a picture; processor milliseconds of one thread in a process that keeps memory as
a worker does, without the crossing to one; medians of ${rounds}.

${renderShares(shares)}
`;
}

/** The processor time of each library. */
function timesOf(pictures: string, answers: Answers): SpeedPoint[] {
  return subjects.map(({ name }) => {
    const all = [...answers.get(name)!.values()].flat().map(({ cpuMs }) => cpuMs);
    return { library: titles[name].replaceAll('*', ''), pictures, ms: median(all) };
  });
}

function git(...words: string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
}

function renderTimes(title: string, answers: Answers): string {
  const of = (name: AnalystName): Analysis[] => [...answers.get(name)!.values()].flat();
  const own = of('familiar');
  const ratio = (others: readonly Analysis[], pick: (one: Analysis) => number): string =>
    number(median(others.map((one, i) => pick(one) / pick(own[i]!))));
  const rows = subjects.map(({ name, megabytes }) => {
    const all = of(name);
    return [
      titles[name],
      number(median(all.map(({ ms }) => ms))),
      ratio(all, ({ ms }) => ms),
      number(median(all.map(({ cpuMs }) => cpuMs))),
      ratio(all, ({ cpuMs }) => cpuMs),
      `${number(megabytes)} / ${number(Math.max(...all.map((one) => one.megabytes)))}`,
    ];
  });
  const head = ['', 'ms', "× familiar's", 'processor ms', "× familiar's", 'MB loaded / most'];
  return `${title}; ratios are medians of the ratios picture by picture.\n\n${table(head, rows)}`;
}

function renderFound(): string {
  const rows = subjects.map(({ name }) => [
    titles[name],
    ...samples.map(({ path, faces }) => `${onSamples.get(name)!.get(path)![0]!.faces.length} of ${faces}`),
  ]);
  return `Faces found in the six photographs:\n\n${table(['', ...samples.map(({ path }) => basename(path))], rows)}`;
}

function renderAccuracy(known: Labels): string {
  const rows = subjects.map(({ name }) => {
    const seen = [...onLabelled.get(name)!].map(
      ([path, [analysis]]) => [path, middleFace(analysis!.faces, lfwSide)] as const,
    );
    const { found, verification, gender, smile } = accuracyOf(new Map(seen), known);
    return [
      titles[name],
      interval(found, seen.length),
      interval(verification, known.pairs.length),
      interval(gender, known.male.size),
      smile.toFixed(3),
    ];
  });
  const head = [
    '',
    `face found, % of ${labelled.length}`,
    `verification, % of ${known.pairs.length} pairs`,
    `gender, % of ${known.male.size}`,
    `smile, area under the curve, ${known.smiling.size}`,
  ];
  return `Portraits of LFW, View 2, pairs of ${new Set(known.pairs.map(({ fold }) => fold)).size} folds, each fold's threshold from the others; with 95 % intervals.\n\n${table(head, rows)}`;
}

/** A share in per cent with Wilson's interval, which holds near 100 % too. */
function interval(share: number, n: number): string {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  const percent = (value: number): string => (100 * Math.max(0, Math.min(1, value))).toFixed(1);
  return `${percent(share)} (${percent(middle - half)}–${percent(middle + half)})`;
}

function renderShares(all: readonly Share[]): string {
  const rows = all.map(({ path, faces, wholeMs, networksMs, byNetwork }) => [
    basename(path).replace(/^.*_(\d+\.jpg)$/, 'LFW portrait'),
    String(faces),
    number(wholeMs),
    number(networksMs),
    (wholeMs / networksMs).toFixed(2),
    Object.entries(byNetwork)
      .map(([role, { runs, items, ms }]) => `${role} ${number(ms)} (${items} in ${runs})`)
      .join(', '),
  ]);
  const head = ['picture', 'faces', 'all', 'networks', 'ratio', 'by network: ms (crops in runs)'];
  return table(head, rows);
}
