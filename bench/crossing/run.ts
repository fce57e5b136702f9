/**
 * What does it cost to hand a picture to another process, and how soon is one that ended replaced? A picture goes
 * over, and as much as is told of a face comes back, in every way that was thought of, without a pause and after one, as from call to call:
 * `npm ci --prefix bench/peers --ignore-scripts`, then `node bench/crossing/run.ts [ROUNDS]` writes bench/results/crossing.md.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ConfinedProcess } from '../../src/processes/confined.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { optimiseNetworks } from '../../src/vision/models/optimised.ts';
import { openPreparation, startAnalysisProcess } from '../../src/vision/pool/analysis-process.ts';
import { table } from '../../tools/markdown.ts';
import { number } from '../search/figures.ts';
import { median } from '../statistics.ts';
import type { Echo } from './echo.ts';

/** A way to cross. */
interface Crossing {
  send(picture: Uint8Array<ArrayBuffer>): Promise<Echo>;
  close(): Promise<unknown>;
}

/** What of `tinypool` is used; its package is in bench/peers. */
type TinypoolModule = {
  readonly Tinypool: new (options: object) => { run(task: unknown): Promise<Echo>; destroy(): Promise<void> };
};

const rounds = Number(process.argv[2] ?? 200);
/** Rounds that warm up and are not counted. */
const warming = 20;
/** A photograph of a phone, and one of 1920 × 1350 pixels. */
const sizes = [3_000_000, 600_000] as const;
/** Between two calls the networks have all of the processor's caches, and the threads sleep; in milliseconds. */
const pauses = [0, 20] as const;
/** How often a process is started and loads its networks. */
const starts = 10;
const program = new URL('./echo.ts', import.meta.url);
const path = fileURLToPath(program);

const ways: Readonly<Record<string, () => Promise<Crossing>>> = {
  'worker thread, the buffer handed over': async () => {
    const thread = new Worker(program, { env: { CROSSING: 'thread' } });
    return {
      send: async (picture) => {
        thread.postMessage(picture, [picture.buffer]);
        return (await once(thread, 'message'))[0] as Echo;
      },
      close: () => thread.terminate(),
    };
  },
  '**pipe, framing of our own**': async () => {
    const child = new ConfinedProcess<null, Echo>(program, { packages: [], variables: { CROSSING: 'pipe' } });
    return { send: (picture) => child.request(null, picture), close: () => child.close() };
  },
  '`child_process.fork`, advanced serialization': async () => {
    const child = fork(path, { serialization: 'advanced', env: { CROSSING: 'fork' } });
    return {
      send: async (picture) => {
        child.send(picture);
        return (await once(child, 'message'))[0] as Echo;
      },
      close: async () => child.disconnect(),
    };
  },
  'tinypool, `child_process`': async () => {
    const entry = createRequire(new URL('../peers/package.json', import.meta.url)).resolve('tinypool');
    const { Tinypool } = (await import(entry)) as TinypoolModule;
    const pool = new Tinypool({
      filename: program.href,
      runtime: 'child_process',
      serialization: 'advanced',
      minThreads: 1,
      maxThreads: 1,
    });
    return { send: (picture) => pool.run(picture), close: () => pool.destroy() };
  },
};

/** Milliseconds until the answer, and of the sender's main thread. */
interface Taken {
  readonly wall: number[];
  readonly own: number[];
}

const crossings = new Map<string, Crossing>();
for (const [name, open] of Object.entries(ways)) crossings.set(name, await open());
const cases = sizes.flatMap((bytes) => pauses.map((pause) => ({ bytes, pause })));
const taken: Map<string, Taken>[] = [];
for (const each of cases) taken.push(await measure(each));
for (const crossing of crossings.values()) await crossing.close();

/** All ways take turns. */
async function measure({ bytes, pause }: (typeof cases)[number]): Promise<Map<string, Taken>> {
  const taken = new Map([...crossings.keys()].map((name) => [name, { wall: [] as number[], own: [] as number[] }]));
  for (let round = -warming; round < rounds; round++) {
    for (const [name, crossing] of crossings) {
      const picture = new Uint8Array(bytes).fill(7);
      if (pause > 0) await setTimeout(pause);
      const [cpu, start] = [process.threadCpuUsage(), performance.now()];
      const { last } = await crossing.send(picture);
      const [wall, own] = [performance.now() - start, process.threadCpuUsage(cpu)];
      if (last !== 7) throw new Error(`${name}: the picture did not arrive`);
      if (round < 0) continue;
      taken.get(name)!.wall.push(wall);
      taken.get(name)!.own.push((own.user + own.system) / 1000);
    }
  }
  return taken;
}

const models = join(tmpdir(), 'familiar-bench-models');
const preparation = openPreparation(models);
const { networks } = await importNetworks(models, { convert: preparation.convert });
const files = await optimiseNetworks(networks, preparation.optimise);
await preparation[Symbol.asyncDispose]();
const readyMs: number[] = [];
for (let i = 0; i < starts; i++) {
  const start = performance.now();
  const child = await startAnalysisProcess({ files, packs: [], limits: { pixelsMax: 40_000_000, secondsMax: 60 } });
  readyMs.push(performance.now() - start);
  await child.close();
}

const rows = Object.keys(ways).map((name) => [
  name,
  ...taken.map((of) => `${number(median(of.get(name)!.wall))} (${number(median(of.get(name)!.own))})`),
]);
const heads = cases.map(
  ({ bytes, pause }) => `${bytes / 1e6} MB, ${pause === 0 ? 'without a pause' : `after ${pause} ms`}`,
);
const text = `# Handing a picture to another process

Written by \`node bench/crossing/run.ts ${rounds}\`. A picture goes to a program that answers an embedding of 256 numbers and a
crop of 8 KB. Milliseconds until the answer is there, and in parentheses milliseconds of the processor's time that the sender's main
thread needs for it: medians of ${rounds} rounds in which all take turns.

- machine: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores; Node ${process.versions.node}

${table(['way', ...heads], rows)}

A process that analyses pictures was ready ${number(median(readyMs))} ms after it was started (median of ${starts}; the longest took ${number(Math.max(...readyMs))}): so soon
is one that ended replaced.
`;
writeFileSync(new URL('../results/crossing.md', import.meta.url), text);
console.log(text);
