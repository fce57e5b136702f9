/**
 * Measures calls without pictures, and what newperson takes beside its networks:
 * `node bench/calls/run.ts [--rounds 7] [--seconds 2] [--connections 32] [--heaps 1,4,16] [--write] [calls] [registrations] [heaps]`.
 *
 * The server and a bare Fastify that answers the bytes of getinfo take turns, each kind of call beside the bare one. With
 * `--before FOLDER`, a checkout of another commit, its server and this one take turns at registrations.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../../tools/markdown.ts';
import { type Load, load, type Shot } from '../load.ts';
import { type Subject, start, startServer } from '../process.ts';
import { type Account, jsonShot, newpersonShot, readAccount } from '../shots.ts';
import { median, quantile } from '../statistics.ts';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '32' },
    heaps: { type: 'string', default: '1,4,16' },
    write: { type: 'boolean', default: false },
    before: { type: 'string' },
  },
  allowPositionals: true,
});
const isWanted = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
const root = fileURLToPath(new URL('../../', import.meta.url));
const rounds = Number(values.rounds);
const ms = Number(values.seconds) * 1000;
const connections = Number(values.connections);
/** Registrations, one at a time, of which the first fifth warms up. */
const registrations = 150;
/** So many of one server follow each other where two take turns. */
const registrationsOfTurn = 15;
/** Stages of a call that are no part of face analysis. */
const stagesOutside: ReadonlySet<string> = new Set(['auth', 'download', 'search', 'write', 'count']);

/** Makes the i-th shot of a kind of call. */
type Shots = (i: number) => Shot;

const loads = [loadavg()[0]!];
const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
try {
  const parts: string[] = [];
  if (isWanted('calls')) parts.push(await measureCalls(data));
  if (isWanted('registrations')) parts.push(await measureRegistrations(data, values.before));
  const heaps = values.heaps.split(',').filter((heap) => heap !== '');
  if (isWanted('heaps') && heaps.length > 0) parts.push(await measureHeaps(heaps.map(Number)));
  loads.push(loadavg()[0]!);
  const page = [renderHead(), ...parts].join('\n\n');
  console.log(page);
  if (values.write) await writeFile(join(root, 'bench/results/calls.md'), `${page}\n`);
} finally {
  await rm(data, { recursive: true });
  await rm(`${data}.key`, { force: true });
}

async function measureCalls(folder: string): Promise<string> {
  await using server = await startReady(folder);
  await using bare = await start([join(root, 'bench/bare-http.ts')]);
  const kinds = await kindsOf(server, folder);
  const getinfo = kinds.getinfo!;
  const pairs = new Map<string, [Load, Load][]>(Object.keys(kinds).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, shots] of Object.entries(kinds)) {
      const own = await load(server.url, connections, { ms }, shots);
      const pair: [Load, Load] = [own, await load(bare.url, connections, { ms }, getinfo)];
      // The first round warms up.
      if (round > 0) pairs.get(name)!.push(pair);
    }
  }
  const rows = [...pairs].map(([name, of]) => rowOf(name, of));
  return `## Calls without pictures

${connections} connections, ${ms / 1000} s at a time, ${rounds} rounds; each kind of call is followed by getinfo's bytes at the bare server. Every call
checks a signature and is counted durably before it is answered.

${table(['call', 'calls a second', 'p50 ms', 'p99 ms', 'bare Fastify, calls a second', 'of its rate'], rows)}`;
}

function rowOf(name: string, pairs: readonly [own: Load, bare: Load][]): readonly (string | number)[] {
  const of = (key: keyof Load) => median(pairs.map(([own]) => own[key]));
  const ratios = pairs.map(([own, bare]) => own.perSecond / bare.perSecond);
  return [
    name,
    Math.round(of('perSecond')),
    of('p50').toFixed(1),
    of('p99').toFixed(1),
    Math.round(median(pairs.map(([, bare]) => bare.perSecond))),
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  ];
}

/** Registers a person, and makes the calls that read and write it. */
async function kindsOf(server: Subject, folder: string): Promise<Record<string, Shots>> {
  const account = await readAccount(folder);
  await load(server.url, 1, { calls: 1 }, () => newpersonShot(account, 'known', 'bench'));
  const always =
    (shot: Shot): Shots =>
    () =>
      shot;
  const person = { person_id: 'known' };
  return {
    getinfo: always(jsonShot('getinfo', account, person)),
    getgroupids: always(jsonShot('getgroupids', account, {})),
    getpersonids: always(jsonShot('getpersonids', account, { group_id: 'bench' })),
    getfaceids: always(jsonShot('getfaceids', account, person)),
    getfaceinfo: always(jsonShot('getfaceinfo', account, { face_id: await faceOf(server, account) })),
    setinfo: always(jsonShot('setinfo', account, { ...person, tag: 'measured' })),
  };
}

async function faceOf(server: Subject, account: Account): Promise<string> {
  const { path, headers, body } = jsonShot('getfaceids', account, { person_id: 'known' });
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: body as string });
  const { data } = (await answer.json()) as { readonly data: { readonly face_ids: readonly [string] } };
  return data.face_ids[0];
}

/** The log's line of a call. */
interface Line {
  readonly endpoint?: string;
  readonly ms: number;
  readonly stages: Readonly<Record<string, number>>;
}

/**
 * What registrations take, one at a time, beside their networks, from the server's log.
 * @param before a checkout whose server takes turns with this one.
 */
async function measureRegistrations(folder: string, before: string | undefined): Promise<string> {
  await using servers = new AsyncDisposableStack();
  const sides: { readonly server: Subject; readonly account: Account }[] = [];
  for (const checkout of before === undefined ? [root] : [resolve(before), root]) {
    const own = join(folder, `registrations-${sides.length}`);
    const server = servers.use(await startReady(own, undefined, checkout));
    sides.push({ server, account: await readAccount(own) });
  }
  const ofTurn = sides.length === 1 ? registrations : registrationsOfTurn;
  for (let turn = 0; turn < registrations / ofTurn; turn++) {
    for (const { server, account } of turn % 2 === 0 ? sides : sides.toReversed()) {
      const shots: Shots = (i) => newpersonShot(account, `one-${turn}-${i}`, 'bench');
      await load(server.url, 1, { calls: ofTurn }, shots);
    }
  }
  const figures = sides.map(({ server }) => figuresOf(server));
  const names = Object.keys(figures.at(-1)!);
  const cells = (sample: readonly number[]) => [median(sample).toFixed(2), quantile(sample, 0.9).toFixed(2)];
  const rows = names.map((name) => [name, ...figures.flatMap((of) => cells(of[name] ?? []))]);
  const heads = before === undefined ? ['median', '90 %'] : ['before', '90 % before', 'after', '90 % after'];
  return `## Registrations

newperson with a photograph of 1920 × 1350 pixels, one at a time; milliseconds over ${registrations * 0.8} calls, from the server's log. \`write\` is the
transaction, in which the call is counted, and the index. What is beside the networks also holds the reception of
the picture and its way to the process that analyses it.

${table(['stage', ...heads], rows)}`;
}

/** Milliseconds by stage, of each registration but those that warmed up. */
function figuresOf(server: Subject): Readonly<Record<string, readonly number[]>> {
  const calls = server
    .log()
    .map((line) => JSON.parse(line) as Line)
    .filter(({ endpoint }) => endpoint === 'newperson')
    .slice(registrations / 5);
  const stages = [...stagesOutside].filter((stage) => calls.some(({ stages }) => stage in stages));
  return {
    ...Object.fromEntries(stages.map((stage) => [stage, calls.map(({ stages }) => stages[stage] ?? 0)])),
    'all but the networks and their queue': calls.map(
      (call) => call.ms - sumOf(call.stages, (stage) => !stagesOutside.has(stage)),
    ),
    'whole call': calls.map((call) => call.ms),
  };
}

function sumOf(stages: Readonly<Record<string, number>>, isIn: (stage: string) => boolean): number {
  return Object.entries(stages).reduce((sum, [stage, ms]) => sum + (isIn(stage) ? ms : 0), 0);
}

/** A server with a young heap of some size. */
interface HeapSide {
  readonly heap: number;
  readonly server: Subject;
  /** Resident memory at rest, in MB. */
  readonly rest: number;
  readonly getinfo: Shots;
  readonly loads: Load[];
}

/** What the size of the young heap does to getinfo and to memory, the servers taking turns. */
async function measureHeaps(heaps: readonly number[]): Promise<string> {
  await using servers = new AsyncDisposableStack();
  const sides: HeapSide[] = [];
  for (const heap of heaps) {
    const folder = join(data, `heap-${heap}`);
    const server = servers.use(await startReady(folder, heap));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const rest = (await server.memory()) ?? Number.NaN;
    sides.push({ heap, server, rest, getinfo: (await kindsOf(server, folder)).getinfo!, loads: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { server, getinfo, loads } of sides) {
      const one = await load(server.url, connections, { ms }, getinfo);
      if (round > 0) loads.push(one);
    }
  }
  const rows = await Promise.all(
    sides.map(async ({ heap, server, rest, loads }) => [
      `${heap} MB`,
      Math.round(median(loads.map(({ perSecond }) => perSecond))),
      median(loads.map(({ p99 }) => p99)).toFixed(1),
      Math.round(rest),
      Math.round((await server.memory()) ?? Number.NaN),
    ]),
  );
  return `## The young heap

getinfo by the largest semi-space of V8's young heap (\`--max-semi-space-size\`), and resident memory of the server with its
processes, before and after.

${table(['semi-space', 'calls a second', 'p99 ms', 'MB at rest', 'MB after the calls'], rows)}`;
}

/**
 * Starts the server as `npm start` does.
 * @param folder of its data.
 * @param heap the largest semi-space in MB; as it is started if absent.
 * @param checkout the folder of the repository whose server it is.
 */
async function startReady(folder: string, heap?: number, checkout = root): Promise<Subject> {
  const server = await startServer(['--port', '0', '--data', folder], checkout, (line) =>
    heap === undefined ? line : line.replace(/--max-semi-space-size=\d+/, `--max-semi-space-size=${heap}`),
  );
  await server.printed('ready');
  return server;
}

function renderHead(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  return `# Calls

Written by \`node bench/calls/run.ts\`. The load comes from the same machine and takes its share of the cores: ratios say more than
rates.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes in src'}
- date: ${new Date().toISOString().slice(0, 10)}
- load of the machine before and after, our own included: ${loads.map((one) => one.toFixed(1)).join(', ')}`;
}
