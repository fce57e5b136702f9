/**
 * Asks: as the registry grows, how fast is identify over HTTP, alone and beside registrations, and how fast is the
 * index filled? Writes `bench/results/identify.md`: `node bench/identify/run.ts [faces …]`.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { openIndexSync } from '../../src/sync/index-sync.ts';
import { table } from '../../tools/markdown.ts';
import { load } from '../load.ts';
import { newpersonShot } from '../shots.ts';
import { everybody, facesPerPerson } from './fill.ts';
import type { Share } from './read-thread.ts';
import {
  count,
  type Folder,
  figures,
  type ImportedNetworks,
  identifiers,
  identifying,
  importNetworks,
  type Measured,
  prepare,
  renderCircumstances,
  root,
  serve,
} from './subject.ts';

const page = join(root, 'bench', 'results', 'identify.md');
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 100_000, 1_000_000];
/** Connections that register persons while others identify. */
const registrars = 10;
const loadMs = 10_000;
/** Rounds of reading and filling, which take turns. */
const fillings = 3;
const say = (text: string): void => console.log(text);

/** The measurements of one registry. */
interface Row {
  readonly faces: number;
  readonly fillSeconds: number;
  /** Seconds of each round. */
  readonly read: readonly number[];
  readonly filed: readonly number[];
  readonly pauseMs: number;
  readonly megabytes: number | undefined;
  readonly alone: Measured;
  readonly beside: Measured & { readonly registrations: number };
}

await using analysis = await importNetworks();
const rows: Row[] = [];
for (const faces of sizes) rows.push(await measure(analysis, faces));
await writeFile(page, renderPage(rows));
say(`written: ${page}`);

async function measure(analysis: ImportedNetworks, faces: number): Promise<Row> {
  say(`${faces} faces: filling the register`);
  await using folder = await prepare(analysis, { faces, groupsOf: () => [everybody] });
  const [read, filed, pauses]: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < fillings; turn++) {
    read.push(await readAll(folder, faces));
    const { seconds, pauseMs } = await fillIndex(analysis, folder);
    filed.push(seconds);
    pauses.push(pauseMs);
  }
  say(`filled in ${folder.fillSeconds.toFixed(0)} s, read in ${read.join()} s, index in ${filed.join()} s; serving`);
  const served = await measureCalls(folder);
  return { faces, fillSeconds: folder.fillSeconds, read, filed, pauseMs: Math.min(...pauses), ...served };
}

/** Seconds for reading every face with two threads that do nothing else. */
async function readAll({ file }: Folder, faces: number): Promise<number> {
  const idOf = (face: number) => String(10n ** 18n + BigInt(face) * 2048n);
  const shares: Share[] = [0, 1].map((i) => ({
    file,
    from: idOf((i * faces) >> 1),
    to: idOf(((i + 1) * faces) >> 1),
  }));
  const script = new URL('./read-thread.ts', import.meta.url);
  const workers = shares.map((workerData) => new Worker(script, { workerData }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const begun = performance.now();
  const answers = workers.map((worker) => {
    worker.postMessage('read');
    return once(worker, 'message');
  });
  const read = (await Promise.all(answers)).reduce((sum, [rows]) => sum + (rows as number), 0);
  if (read !== faces) throw new Error(`${read} faces were read`);
  return (performance.now() - begun) / 1000;
}

async function fillIndex({ model, dimension }: ImportedNetworks, { data }: Folder) {
  await using stores = await openData(readSettings({ data }, undefined, {}));
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  const onFault = (error: unknown): never => {
    throw error;
  };
  const begun = performance.now();
  await using sync = await openIndexSync({ stores, analyzer: { model, dimension }, onFault });
  pauses.enable();
  await sync.ready;
  pauses.disable();
  return { seconds: (performance.now() - begun) / 1000, pauseMs: pauses.max / 1e6 };
}

async function measureCalls(folder: Folder): Promise<Pick<Row, 'alone' | 'beside' | 'megabytes'>> {
  await using server = await serve(folder, everybody);
  const all = () => [everybody];
  const alone = await identifying(server, folder.key, { ms: loadMs }, all);
  say(`alone: ${alone.perSecond.toFixed(1)} a second; beside ${registrars} streams of newperson`);
  let going = true;
  let registrations = 0;
  const streams = Array.from({ length: registrars }, async (_, lane) => {
    for (let i = 0; going; i++, registrations++) {
      await load(server.url, 1, { calls: 1 }, () => newpersonShot(folder.key, `new-${lane}-${i}`, everybody));
    }
  });
  const beside = await identifying(server, folder.key, { ms: loadMs }, all);
  going = false;
  const perSecond = registrations / (loadMs / 1000);
  await Promise.all(streams);
  return { alone, beside: { ...beside, registrations: perSecond }, megabytes: await server.memory() };
}

function renderPage(rows: readonly Row[]): string {
  const perSecond = (faces: number, seconds: readonly number[]) => count(Math.round(faces / Math.min(...seconds)));
  return `# Identify over HTTP

Written by \`node bench/identify/run.ts ${sizes.join(' ')}\`. One picture of 1920 × 1350 a call, searched for among every face of the registry: made-up people of
${facesPerPerson} faces each, all in one group. ${identifiers} connections identify; "beside" means while ${registrars} others register persons without rest. The load comes from the same machine.

${renderCircumstances(analysis)}

${table(
  ['faces', '', 'calls a second', 'p50 ms', 'p99 ms', 'search, median ms'],
  rows.flatMap(({ faces, alone, beside }) => [
    [count(faces), 'alone', ...figures(alone)],
    [count(faces), `beside ${beside.registrations.toFixed(1)} registrations a second`, ...figures(beside)],
  ]),
)}

"search" is the time from the embedding to the candidates, with reading the feed's position and waiting for a turn. The rest of a call is
the networks' time.

## From the registry to the index

Reading and filling took ${fillings} turns; the best of each is given, with all in brackets. "Reading": two threads read face, person and
embedding of every row from SQLite, half of the rows each, and do nothing with them.

${table(
  [
    ...['faces', 'written by the benchmark, s', 'reading, faces a second', 'index filled, s', 'faces a second'],
    ...['to reading', 'longest pause of the main thread, ms', 'resident after all, MB'],
  ],
  rows.map(({ faces, fillSeconds, read, filed, pauseMs, megabytes }) => [
    count(faces),
    fillSeconds.toFixed(1),
    perSecond(faces, read),
    `${Math.min(...filed).toFixed(2)} (${filed.map((seconds) => seconds.toFixed(2)).join(', ')})`,
    perSecond(faces, filed),
    (Math.min(...read) / Math.min(...filed)).toFixed(2),
    pauseMs.toFixed(0),
    megabytes?.toFixed(0) ?? 'unknown',
  ]),
)}
`;
}
