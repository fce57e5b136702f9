/**
 * How fast are photographs imported, next to the networks alone, and what is left of an import that is killed? Some thousand photographs
 * are enrolled, each as a person, by `familiar import --folders`, which is killed twice on the way; the networks alone analyse a part
 * of them before and after: `node bench/import/run.ts --data FOLDER [--pictures 10000] [--kills 2]`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openAnalyzer } from '../../src/app/analyzer.ts';
import { openData } from '../../src/app/create-app.ts';
import { readSettings, type Settings, workersOf } from '../../src/app/settings.ts';
import { isPictureName } from '../../src/ops/enrolment/files.ts';
import { createRandom } from '../../test/random.ts';
import { table } from '../../tools/markdown.ts';

/** What the last run says. */
interface Report {
  readonly persons: number;
  readonly pictures: {
    readonly added: number;
    readonly known: number;
    readonly refused: number;
    readonly earlier: number;
  };
  readonly refusals: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const appid = '1000001';
/** How many photographs the networks alone analyse, before the import and after it. */
const sampleMax = 500;
const root = fileURLToPath(new URL('../../', import.meta.url));

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    pictures: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '2' },
  },
});
if (values.data === undefined) throw new Error('name a folder of photographs with --data');
const [count, kills] = [Number(values.pictures), Number(values.kills)];

const folder = await mkdtemp(join(tmpdir(), 'familiar-import-'));
try {
  const photographs = await choose(resolve(values.data), count);
  await arrange(photographs);
  const settings = readSettings({ data: join(folder, 'data'), masterKeyFile: '' }, undefined, {});
  {
    await using stores = await openData(settings);
    await stores.tenants.add(appid, {});
  }
  const before = await networksAlone(settings, photographs);
  const killed: number[] = [];
  const started = performance.now();
  for (let i = 1; i <= kills; i += 1) killed.push(await killAt(Math.floor((count * i) / (kills + 1))));
  const { output } = await ended(importing());
  const seconds = (performance.now() - started) / 1000;
  const report = JSON.parse(output) as Report;
  const after = await networksAlone(settings, photographs);
  const { persons, faces, facesOfMost } = await contents(settings);
  const alone = (before + after) / 2;
  const last = count - report.pictures.earlier;
  const lines = {
    photographs: count,
    'the networks alone, before and after, a second': `${before.toFixed(1)}, ${after.toFixed(1)}`,
    'the last run, a second': (last / report.seconds).toFixed(1),
    'the last run against the networks alone': (last / report.seconds / alone).toFixed(3),
    'all runs with their starts, a second': (count / seconds).toFixed(1),
    'killed when so many were told of': killed.join(', '),
    'done by earlier runs': report.pictures.earlier,
    'added, known, refused': `${report.pictures.added}, ${report.pictures.known}, ${report.pictures.refused}`,
    'refused by reason': JSON.stringify(report.refusals),
    'persons and faces in the register': `${persons}, ${faces}`,
    'the most faces of one person': facesOfMost,
  };
  console.log(
    table(
      ['what', 'result'],
      Object.entries(lines).map(([what, result]) => [what, String(result)]),
    ),
  );
  const { added, known } = report.pictures;
  if (added + known !== faces || persons !== faces || facesOfMost !== 1)
    throw new Error('a person or a face is missing, or there twice');
} finally {
  await rm(folder, { recursive: true });
}

/** Photographs of a folder in an order of chance, the same each time; some of them again if there are too few. */
async function choose(data: string, many: number): Promise<readonly string[]> {
  const names = (await readdir(data, { recursive: true }))
    .filter((name) => isPictureName(name.split('/').at(-1)!))
    .sort();
  if (names.length === 0) throw new Error(`there are no photographs in ${data}`);
  const random = createRandom(1);
  for (let i = names.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [names[i], names[j]] = [names[j]!, names[i]!];
  }
  return Array.from({ length: many }, (_, i) => join(data, names[i % names.length]!));
}

/** Makes a folder for each photograph: a person of its own. */
async function arrange(photographs: readonly string[]): Promise<void> {
  for (const [i, path] of photographs.entries()) {
    const person = join(folder, 'persons', `group-${i % 10}`, `person-${i}`);
    await mkdir(person, { recursive: true });
    await symlink(path, join(person, `1${extname(path)}`));
  }
}

/** How many photographs a second the networks analyse as for an enrolment, with every worker busy. */
async function networksAlone(settings: Settings, photographs: readonly string[]): Promise<number> {
  await using analyzer = await openAnalyzer({ ...settings, queueMax: 1_000_000 });
  const sample = photographs.slice(0, sampleMax);
  const analyze = async (path: string): Promise<void> => {
    const options = { facesMax: 1, parts: ['attributes', 'embedding', 'crop', 'quality'] } as const;
    await analyzer.analyze(new Uint8Array(await readFile(path)), options).catch(() => {});
  };
  for (const path of sample.slice(0, 20)) await analyze(path);
  const rest = sample.values();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: workersOf(settings) * 2 }, async () => {
      for (const path of rest) await analyze(path);
    }),
  );
  return sample.length / ((performance.now() - start) / 1000);
}

function importing(): ChildProcess {
  const words = [
    'import',
    '--folders',
    join(folder, 'persons'),
    '--appid',
    appid,
    '--json',
    '--data',
    join(folder, 'data'),
  ];
  return spawn(process.execPath, [join(root, 'src', 'main.ts'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Kills an import that has told of so many photographs. @returns of how many it had told. */
async function killAt(done: number): Promise<number> {
  const child = importing();
  let told = 0;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    for (const [, number] of text.matchAll(/importing: (\d+) of/g)) told = Number(number);
    if (told >= done) child.kill('SIGKILL');
  });
  child.stdout!.resume();
  await once(child, 'close');
  if (told < done) throw new Error('the import ended before it was killed');
  return told;
}

async function ended(child: ChildProcess): Promise<{ readonly output: string }> {
  let [output, errors] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the import ended with ${code}: ${errors}`);
  return { output };
}

async function contents(settings: Settings) {
  await using stores = await openData(settings);
  const found = { persons: 0, faces: 0, facesOfMost: 0 };
  await stores.archiveOf(appid).read({ crops: false, embeddings: false }, async (persons) => {
    for (const { faces } of persons) {
      found.persons += 1;
      found.faces += faces.length;
      found.facesOfMost = Math.max(found.facesOfMost, faces.length);
    }
  });
  return found;
}
