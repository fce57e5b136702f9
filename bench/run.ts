/** Measures the server on this machine and writes the benchmark page: `npm run bench`. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelsFolder } from '../src/app/analyzer.ts';
import { table } from '../tools/markdown.ts';
import { type Load, load } from './load.ts';
import { type Subject, start, startServer } from './process.ts';
import { type Account, jsonShot, newpersonShot, readAccount } from './shots.ts';
import { median } from './statistics.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = join(root, 'bench', 'results', 'README.md');
const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
const flags = ['--port', '0', '--data', data];
/** Rounds of each comparison, the sides taking turns. */
const rounds = 5;
const say = (text: string) => console.log(text);

/** Everything that was measured. */
interface Results {
  readonly importMs: number;
  readonly listeningMs: readonly number[];
  readonly readyMs: readonly number[];
  readonly restMegabytes: number | undefined;
  /** The same, with what processes share counted for each of them. */
  readonly restRssMegabytes: number | undefined;
  readonly workedMegabytes: number | undefined;
  readonly stages: Readonly<Record<string, number>>;
  readonly newperson: Load;
  readonly getinfo: readonly Load[];
  readonly bare: readonly Load[];
}

try {
  await writeFile(page, renderPage(await measure()));
  say(`written: ${page}`);
} finally {
  await rm(data, { recursive: true });
  await rm(`${data}.key`, { force: true });
}

async function measure(): Promise<Results> {
  say('first start: the networks are imported');
  const importMs = await coldStart();
  say(`restarts, ${rounds} times`);
  const [listeningMs, readyMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < rounds; i += 1) {
    await using server = await startServer(flags);
    listeningMs.push(server.listeningMs);
    readyMs.push(await server.printed('ready'));
  }
  await using server = await startServer(flags);
  await server.printed('ready');
  const key = await readAccount(data);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const restMegabytes = await server.memory();
  const restRssMegabytes = await server.memory('Rss');
  say('one picture at a time, by stage');
  const stages = await measureStages(server, key);
  say('newperson, 8 connections');
  const newperson = await load(server.url, 8, { calls: 120 }, (i) => newpersonShot(key, `load-${i}`, 'bench'));
  const workedMegabytes = await server.memory();
  say('getinfo against a bare Fastify, in turn');
  await using bareServer = await start([join(root, 'bench/bare-http.ts')]);
  const [getinfo, bare]: [Load[], Load[]] = [[], []];
  const shot = jsonShot('getinfo', key, { person_id: 'load-0' });
  for (let i = 0; i <= rounds; i += 1) {
    const pair = [
      await load(server.url, 32, { ms: 2000 }, () => shot),
      await load(bareServer.url, 32, { ms: 2000 }, () => shot),
    ] as const;
    // The first round warms both up.
    if (i > 0) {
      getinfo.push(pair[0]);
      bare.push(pair[1]);
    }
  }
  const memory = { restMegabytes, restRssMegabytes, workedMegabytes };
  return { importMs, listeningMs, readyMs, ...memory, stages, newperson, getinfo, bare };
}

async function coldStart(): Promise<number> {
  await rm(join(data, modelsFolder), { recursive: true, force: true });
  await using server = await startServer(flags);
  return await server.printed('ready');
}

/** Medians over forty calls, one at a time, from the server's log. */
async function measureStages(server: Subject, key: Account): Promise<Record<string, number>> {
  await load(server.url, 1, { calls: 45 }, (i) => newpersonShot(key, `one-${i}`, 'bench'));
  const lines = server
    .log()
    .map((line) => JSON.parse(line) as { endpoint?: string; ms: number; stages: Record<string, number> });
  const calls = lines.filter(({ endpoint }) => endpoint === 'newperson').slice(5);
  const names = Object.keys(calls[0]?.stages ?? {});
  const stages = Object.fromEntries(names.map((name) => [name, median(calls.map((call) => call.stages[name] ?? 0))]));
  return { ...stages, 'whole call': median(calls.map(({ ms }) => ms)) };
}

function renderPage(results: Results): string {
  const number = (value: number, digits = 0) => value.toFixed(digits);
  const megabytes = (value: number | undefined) =>
    value === undefined ? 'not reported by this system' : `${number(value)} MB`;
  const of = (loads: readonly Load[], key: keyof Load) => median(loads.map((one) => one[key]));
  const row = (name: string, loads: readonly Load[]) => [
    name,
    number(of(loads, 'perSecond')),
    number(of(loads, 'p50'), 1),
    number(of(loads, 'p99'), 1),
  ];
  const ratio = median(results.getinfo.map((one, i) => one.perSecond / results.bare[i]!.perSecond));
  const stages = Object.entries(results.stages).map(([name, ms]) => [name, number(ms, 1)]);
  return `# Benchmarks

Written by \`npm run bench\`. Machines differ and shared ones are noisy: these are medians, and ratios say more than times.
The load comes from the same machine, so it takes its share of the cores.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${number(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes in src'}
- date: ${new Date().toISOString().slice(0, 10)}

## Start and memory

${table(
  ['what', 'median'],
  [
    ['first start, networks imported: ready after', `${number(results.importMs)} ms`],
    ['restart: listening after', `${number(median(results.listeningMs))} ms`],
    ['restart: ready after', `${number(median(results.readyMs))} ms`],
    ['resident memory at rest, all processes', megabytes(results.restMegabytes)],
    ['the same, what they share counted for each', megabytes(results.restRssMegabytes)],
    ['resident memory after 165 pictures', megabytes(results.workedMegabytes)],
  ],
)}

## One picture

newperson with \`sample3.jpg\` (1920 × 1350, three faces, the largest embedded and described), one call at a time; milliseconds by
stage, medians of 40 calls. Stages from \`decode\` to \`finish\` run in a worker.

${table(['stage', 'ms'], stages)}

## Over HTTP

${table(
  ['what', 'calls a second', 'p50 ms', 'p99 ms'],
  [
    row('newperson, 8 connections', [results.newperson]),
    row('getinfo, 32 connections', results.getinfo),
    row('a bare Fastify answering the same bytes, 32 connections', results.bare),
  ],
)}

getinfo checks a signature, reads person, faces and groups in one statement, and is counted durably before it is answered: it
reaches ${number(ratio * 100)} % of the bare server's rate (median of ${rounds} pairs, taken in turn).
`;
}

function git(...words: readonly string[]): string {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
