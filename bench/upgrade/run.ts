/**
 * Is a register upgraded while it is called, whatever is killed, and how fast? Photographs are registered and upgraded from the built-in
 * pack to dlib, faceres and back under a stream of calls, on one server with SQLite and on two with PostgreSQL, each killed on the way:
 * `node bench/upgrade/run.ts --data FOLDER [--faces 5000] [--kills 10] [--only sqlite,postgres,speed] [--speed dlib,faceres,calls]
 * [--register FOLDER] [--write]`. A register that is named is made if it is not there, and kept.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { killServer } from '../../test/chaos/server.ts';
import { startPostgres } from '../../test/postgres/server.ts';
import { table } from '../../tools/markdown.ts';
import { measureSpeed, speedParts } from './measure.ts';
import {
  type Base,
  choose,
  contentsOf,
  familiar,
  folderLike,
  makeBase,
  type Photographs,
  route,
  serve,
  watchPacks,
} from './register.ts';
import { checkAnswers, Stream } from './stream.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    faces: { type: 'string', default: '5000' },
    kills: { type: 'string', default: '10' },
    only: { type: 'string', default: 'sqlite,postgres,speed' },
    speed: { type: 'string', default: speedParts.join(',') },
    register: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
if (values.data === undefined) throw new Error('name a folder of folders of persons with --data');
const only = new Set(values.only.split(','));
const kills = Number(values.kills);
const root = fileURLToPath(new URL('../../', import.meta.url));

type Running = Awaited<ReturnType<typeof serve>>;
type Place = { readonly file: string } | { readonly url: string };

/** Servers of one register, some of which are killed and started again. */
class Nodes {
  readonly #start: readonly (() => Promise<Running>)[];
  readonly #running: (Running | undefined)[] = [];
  killed = 0;

  constructor(start: readonly (() => Promise<Running>)[]) {
    this.#start = start;
  }

  async start(): Promise<void> {
    for (const [i, start] of this.#start.entries()) this.#running[i] = await start();
  }

  urls(): readonly string[] {
    return this.#running.flatMap((server) => (server?.isAlive() ? server.url : []));
  }

  /** Kills one of them, and starts it again. */
  async killOne(): Promise<void> {
    const i = this.killed++ % this.#start.length;
    const server = this.#running[i]!;
    this.#running[i] = undefined;
    await killServer({ ...server, account: { appid: '', secretId: '', secretKey: '' } });
    this.#running[i] = await this.#start[i]!();
  }

  async stop(): Promise<void> {
    for (const server of this.#running) {
      if (server === undefined) continue;
      process.kill(server.pid, 'SIGTERM');
      await server.ended;
    }
  }
}

/** Upgrades along the route under a stream of calls. @returns lines for the page. */
async function upgradeAll(
  name: string,
  base: Base,
  photographs: Photographs,
  nodes: Nodes,
  place: Place,
  flags: readonly string[],
) {
  const lines: [string, string][] = [];
  const began = performance.now();
  await nodes.start();
  try {
    await using packs = await watchPacks(place);
    const before = await contentsOf(place);
    const stream = new Stream(base.account, () => nodes.urls(), photographs);
    const first = await stream.snapshot();
    let last = first;
    const killsEach = [Math.ceil(kills / 2), Math.floor(kills / 2), 0];
    for (const [i, pack] of route.entries()) {
      const stop = new AbortController();
      const from = stream.found.length;
      const calling = stream.run(stop.signal);
      const start = performance.now();
      const done = upgradeTo(pack, flags);
      let killedNow = 0;
      let isOver = false;
      void done.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const state = (await packs.read()).find((one) => one.name === pack)?.upgrade;
        const isConverting = state?.phase === 'converting' && state.total > 0;
        const share = isConverting ? state.done / state.total : state?.phase === 'complete' ? 1 : 0;
        if (killedNow < killsEach[i]! && share >= (killedNow + 1) / (killsEach[i]! + 1)) {
          killedNow += 1;
          await nodes.killOne();
        }
        await wait(250);
      }
      await done;
      const seconds = (performance.now() - start) / 1000;
      // Calls that began before the switch may still be under way.
      await wait(1_000);
      stop.abort();
      await calling;
      const now = await stream.snapshot();
      const counts = checkAnswers(stream.found.slice(from, -photographs.probes.length), last, now);
      lines.push([
        `to ${pack}`,
        `${seconds.toFixed(0)} s, killed ${killedNow} times, ${counts.before} answers by the old pack, ${counts.after} by the new`,
      ]);
      console.error(`${name} to ${pack}: ${lines.at(-1)![1]}`);
      await stream.verifyNewcomers(20);
      last = now;
    }
    const after = await contentsOf(place);
    if (after.digest !== before.digest) throw new Error('ids, names, groups or faces are not what they were');
    const same = first.filter((answer, i) => answer === last[i]).length;
    if (same !== first.length)
      throw new Error(`after the last upgrade ${first.length - same} answers are not those from before the first`);
    if (stream.refused.length > 0) throw new Error(`calls were refused: ${stream.refused.slice(0, 5).join('; ')}`);
    lines.push(
      ['persons, faces', `${before.persons}, ${before.faces}; unchanged`],
      ['calls answered, refused', `${stream.answered}, ${stream.refused.length}`],
      ['calls whose server was killed before it answered', String(stream.lost)],
      ['enrolled meanwhile, and known afterwards', String(stream.enrolled.length)],
      ['answers of the last state equal to those of the first', `${same} of ${first.length}`],
      ['servers killed', String(nodes.killed)],
      ['seconds in all', ((performance.now() - began) / 1000).toFixed(0)],
    );
    return lines;
  } finally {
    await nodes.stop();
  }
}

/** Upgrades by the command, which watches it; servers do the work. */
async function upgradeTo(pack: string, flags: readonly string[]): Promise<void> {
  // A photograph in which no network finds a face again is left behind.
  await familiar('models', 'upgrade', pack, '--without-failed', ...flags);
}

const home = await mkdtemp(join(tmpdir(), 'familiar-upgrade-'));
try {
  const began = performance.now();
  const photographs = await choose(resolve(values.data), Number(values.faces));
  const base = await makeBase(values.register ?? home, photographs);
  console.error(`registered in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const key = ['--master-key-file', base.masterKeyFile];
  const parts: string[] = [];
  const show = (title: string, lines: readonly (readonly [string, string])[]): void => {
    parts.push(
      `## ${title}\n\n${table(
        ['what', 'result'],
        lines.map((line) => [...line]),
      )}`,
    );
    console.log(parts.at(-1));
  };
  if (only.has('speed')) {
    const folder = await folderLike(base, join(home, 'speed'), true);
    show(
      'Speed',
      await measureSpeed({ ...base, folder }, photographs, availableParallelism(), new Set(values.speed.split(','))),
    );
  }
  if (only.has('sqlite')) {
    const folder = await folderLike(base, join(home, 'sqlite'), true);
    const nodes = new Nodes([() => serve(folder, base.masterKeyFile)]);
    const place = { file: join(folder, 'familiar.db') };
    show(
      'One server with SQLite',
      await upgradeAll('SQLite', base, photographs, nodes, place, ['--data', folder, ...key]),
    );
  }
  if (only.has('postgres')) {
    await using postgres = await startPostgres({ fsync: 'on', full_page_writes: 'on', shared_buffers: '256MB' });
    const url = postgres.urlOf('postgres');
    await familiar(
      'copy',
      '--from',
      base.folder,
      '--to',
      url,
      '--from-master-key-file',
      base.masterKeyFile,
      '--to-master-key-file',
      base.masterKeyFile,
    );
    const starts = [];
    for (const i of [1, 2]) {
      const folder = await folderLike(base, join(home, `node-${i}`), false);
      starts.push(() => serve(folder, base.masterKeyFile, '--database', url));
    }
    const flags = ['--data', join(home, 'node-1'), '--database', url, ...key];
    show(
      'Two servers with PostgreSQL',
      await upgradeAll('PostgreSQL', base, photographs, new Nodes(starts), { url }, flags),
    );
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const head = [
    '# Upgrades of the networks',
    '',
    'Written by `node bench/upgrade/run.ts --data FOLDER --write`: photographs are registered and upgraded from the built-in pack to dlib, faceres and back under a stream',
    'of calls. Each answer of identify must be that of one pack, and none of the old one may be asked for after an answer of the new one.',
    '',
    `- machine: ${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${process.platform} ${process.arch}, Node ${process.version.slice(1)}`,
    `- commit: ${commit}`,
    `- date: ${new Date().toISOString().slice(0, 10)}`,
  ].join('\n');
  if (values.write) await writeFile(join(root, 'bench/results/upgrade.md'), `${[head, ...parts].join('\n\n')}\n`);
  console.error(`all in ${((performance.now() - began) / 1000).toFixed(0)} s`);
} finally {
  await rm(home, { recursive: true, force: true });
}
