/**
 * Asks: what becomes of calls when far more come than can be served? Writes `bench/results/overload.md`, and fails if a
 * bound that is promised is not kept.
 *
 * `node bench/overload/run.ts [--seconds 60] [--connections 200] [--impatient]`: impatient clients send again at once
 * when they are told to come later.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { table } from '../../tools/markdown.ts';
import { startServer } from '../process.ts';
import { quantile } from '../statistics.ts';
import type { SigningKey } from './calls.ts';
import type { FloodOrder, FloodReport } from './flood.ts';
import { measureMemory, type Probed, probe } from './probes.ts';
import type { StallOrder } from './stall.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'bench/results/overload.md');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '200' },
    impatient: { type: 'boolean', default: false },
  },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
/** Seconds of what the overload is compared with; twice, before it and after it. */
const quietSeconds = Math.max(5, seconds / 4);
/** Connections that keep the workers busy and no more. */
const fewConnections = 4;
const stalledConnections = 120;

/** One figure, and what it must be. */
interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bound: number;
  readonly isLeast?: boolean;
}

const folder = await mkdtemp(join(tmpdir(), 'familiar-overload-'));
try {
  const picture = join(folder, 'picture.jpg');
  const sample = join(root, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
  const { size } = await sharp(sample).resize(4000, 3000, { fit: 'cover' }).jpeg({ quality: 88 }).toFile(picture);
  const data = join(folder, 'data');
  const [loud, quiet, reader] = [
    await addKey(data, '1000001'),
    await addKey(data, '1000002'),
    await addKey(data, '1000003'),
  ];
  const keys = { loud, quiet, reader };
  const rows = [...(await measureFlood(data, keys, picture)), ...(await measureStalled(data, keys, picture))];
  for (const { what, value, unit } of rows) console.log(`${what}: ${value.toFixed(1)} ${unit}`);
  await writeFile(page, render(rows, size));
  console.log(`written: ${page}`);
  if (rows.some((row) => !isKept(row))) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

/** Whose calls they are: those that come in a flood, and others'. */
interface Keys {
  readonly loud: SigningKey;
  readonly quiet: SigningKey;
  readonly reader: SigningKey;
}

async function measureFlood(data: string, { loud, quiet, reader }: Keys, picture: string): Promise<readonly Row[]> {
  await using server = await startServer(['--port', '0', '--data', data]);
  await server.printed('ready');
  const order = { url: server.url, key: loud, picture, isPatient: !values.impatient };
  const few = (name: string) => flood({ ...order, name, connections: fewConnections, seconds: quietSeconds });
  console.log('warming up');
  await flood({ ...order, name: 'warm', connections: fewConnections, seconds: 5 });
  console.log(`${fewConnections} connections, ${quietSeconds} s`);
  const before = await few('before');
  console.log(`one picture a second, ${quietSeconds} s`);
  const alone = await probe({
    url: server.url,
    key: quiet,
    picture,
    everyMs: 1000,
    seconds: quietSeconds,
    name: 'alone',
  });
  console.log(
    `${connections} connections, ${seconds} s, beside one picture a second and ten getinfo a second of others`,
  );
  const memory = measureMemory(server);
  const [flooded, beside, read] = await Promise.all([
    flood({ ...order, name: 'flood', connections, seconds }),
    probe({ url: server.url, key: quiet, picture, everyMs: 1000, seconds, name: 'quiet' }),
    probe({ url: server.url, key: reader, everyMs: 100, seconds, name: 'reader' }),
  ]);
  const floodMegabytes = memory.stop();
  console.log(`${fewConnections} connections, ${quietSeconds} s`);
  const after = await few('after');
  const goodput = (flooded.answered.length + beside.times.length) / seconds;
  const fewGoodput = (before.answered.length + after.answered.length) / (2 * quietSeconds);
  for (const one of [before, flooded, after]) report(one);
  reportLog(server.log());
  console.log(`one picture a second, alone ${spread(alone.times)}, beside ${spread(beside.times)} ms`);
  console.log(`getinfo of another appid ${spread(read.times)} ms`);
  return [
    { what: 'longest call', value: Math.max(...flooded.answered, ...flooded.refused), unit: 'ms', bound: 6000 },
    { what: 'refusals, p99', value: quantile(flooded.refused, 0.99), unit: 'ms', bound: 100 },
    { what: 'calls that were neither answered nor refused', value: lost(flooded), unit: '', bound: 0 },
    {
      what: 'goodput, of that with 4 connections',
      value: (100 * goodput) / fewGoodput,
      unit: '%',
      bound: 90,
      isLeast: true,
    },
    { what: 'memory', value: floodMegabytes, unit: 'MB', bound: 1000 },
    { what: 'getinfo of another appid, p99', value: quantile(read.times, 0.99), unit: 'ms', bound: 100 },
    {
      what: 'one picture a second of another appid, p50, of that alone',
      value: quantile(beside.times, 0.5) / quantile(alone.times, 0.5),
      unit: 'times',
      bound: 2,
    },
    { what: 'refusals of that appid', value: beside.refused, unit: '', bound: 0 },
  ];
}

async function measureStalled(data: string, { loud, quiet, reader }: Keys, picture: string): Promise<readonly Row[]> {
  console.log(`${stalledConnections} connections that stop at 31 of 32 MB, ${quietSeconds} s`);
  await using server = await startServer(['--port', '0', '--data', data]);
  await server.printed('ready');
  await probe({ url: server.url, key: quiet, picture, everyMs: 500, seconds: 2, name: 'warm' });
  await probe({ url: server.url, key: reader, everyMs: 50, seconds: 2, name: 'warm' });
  const memory = measureMemory(server);
  using _stalled = startStalling({ url: server.url, key: loud, connections: stalledConnections });
  const [same, other, pictures] = await Promise.all([
    probe({ url: server.url, key: loud, everyMs: 100, seconds: quietSeconds, name: 'same' }),
    probe({ url: server.url, key: reader, everyMs: 100, seconds: quietSeconds, name: 'other' }),
    probe({ url: server.url, key: quiet, picture, everyMs: 1000, seconds: quietSeconds, name: 'stalled' }),
  ]);
  const failed = (probed: Probed) => probed.refused + probed.failed;
  console.log(`getinfo of the same appid ${spread(same.times)}, of another ${spread(other.times)} ms`);
  return [
    { what: 'stalled bodies: memory', value: memory.stop(), unit: 'MB', bound: 900 },
    {
      what: 'stalled bodies: getinfo of the same appid, p99',
      value: quantile(same.times, 0.99),
      unit: 'ms',
      bound: 100,
    },
    {
      what: 'stalled bodies: getinfo of another appid, p99',
      value: quantile(other.times, 0.99),
      unit: 'ms',
      bound: 100,
    },
    {
      what: 'stalled bodies: calls of others and getinfo that were refused or failed',
      value: failed(same) + failed(other) + failed(pictures),
      unit: '',
      bound: 0,
    },
  ];
}

/** Stalls in a process of its own: what it sends would delay the calls that are measured. */
function startStalling(order: StallOrder): Disposable {
  const script = join(root, 'bench/overload/stall.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'inherit', 'inherit'] });
  return { [Symbol.dispose]: () => void child.kill() };
}

async function flood(order: FloodOrder): Promise<FloodReport> {
  const script = join(root, 'bench/overload/flood.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout)) as FloodReport;
}

async function addKey(data: string, appid: string): Promise<SigningKey> {
  const words = [join(root, 'src/main.ts'), 'keys', 'add', '--data', data, '--appid', appid, '--json'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const made = JSON.parse(await text(child.stdout)) as Record<string, string>;
  return { appid, secretId: made.secret_id as string, secretKey: made.secret_key as string };
}

function lost({ others }: FloodReport): number {
  return Object.values(others).reduce((sum, count) => sum + count, 0);
}

/** Median, 90th and 99th percentile and longest, in milliseconds. */
function spread(times: readonly number[]): string {
  return [0.5, 0.9, 0.99, 1].map((share) => Math.round(quantile(times, share))).join(', ');
}

function report({ answered, refused, others }: FloodReport): void {
  console.log(`answered ${answered.length} (p50, p90, p99, longest: ${spread(answered)} ms)`);
  console.log(`refused ${refused.length} (${spread(refused)} ms), others ${JSON.stringify(others)}`);
}

/** What refusals took from their head on, as the server's log has it: without what the clients' process takes. */
function reportLog(lines: readonly string[]): void {
  const refused = lines.map((line) => JSON.parse(line) as LogLine).filter(({ code }) => code === 15);
  const times = (of: (line: LogLine) => number | undefined) => spread(refused.map((line) => of(line) ?? 0));
  console.log(
    `refused, by the log: ${times(({ ms }) => ms)} ms, of it counting ${times(({ stages }) => stages?.count)}`,
  );
}

/** A line of the log that tells of a request. */
interface LogLine {
  readonly code?: number;
  readonly ms: number;
  readonly stages?: Readonly<Record<string, number>>;
}

function isKept({ value, bound, isLeast = false }: Row): boolean {
  return isLeast ? value >= bound : value <= bound;
}

function render(rows: readonly Row[], pictureBytes: number): string {
  const unit = (row: Row, value: number) => `${Number(value.toFixed(1))} ${row.unit}`.trim();
  const cells = rows.map((row) => [
    row.what,
    unit(row, row.value),
    `${row.isLeast ? 'at least' : 'at most'} ${unit(row, row.bound)}`,
    isKept(row) ? 'kept' : '**not kept**',
  ]);
  return `# Overload

Written by \`node bench/overload/run.ts --seconds ${seconds} --connections ${connections}${values.impatient ? ' --impatient' : ''}\`: newperson with a photograph of 12 megapixels
(${Math.round(pictureBytes / 1000)} KB) on ${connections} connections that are there before and begin within a second, one call at a time on each. A client that is refused (15) ${
    values.impatient ? 'sends again at once' : 'waits as long as `Retry-After` says'
  }. Beside it, another
appid sends one such picture a second, and a third one ten getinfo a second. Then ${stalledConnections} connections of one appid send 31 of
32 MB and stop. The clients that flood run on the same machine, at a lower priority than everything of the server. Memory is what is resident of the
server and its processes.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- date: ${new Date().toISOString().slice(0, 10)}

${table(['what', 'measured', 'promised', ''], cells)}
`;
}
