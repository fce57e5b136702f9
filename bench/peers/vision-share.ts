/**
 * Measures the share of familiar's time that the networks take: every picture is analysed once as usual; then the
 * networks alone are run again on the same inputs.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { memoryFlags } from '../../src/processes/confined.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { optimiseNetworks } from '../../src/vision/models/optimised.ts';
import { type Network, onnxRuntime, writeOptimised } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { confineDecoder } from '../../src/vision/pipeline/decode.ts';
import { loadNetworks, type Networks, type Role } from '../../src/vision/pipeline/networks.ts';
import { allocatorVariables } from '../../src/vision/pool/analysis-process.ts';
import { median } from '../statistics.ts';

/** The processor time of one picture: in all, and of the networks alone. */
export interface Share {
  readonly path: string;
  readonly faces: number;
  readonly wholeMs: number;
  /** Of the networks run again alone, in the same batches. */
  readonly networksMs: number;
  readonly byNetwork: Readonly<Partial<Record<Role, NetworkShare>>>;
}

/** The runs of one network for a picture. */
export interface NetworkShare {
  readonly runs: number;
  /** Crops in all runs. */
  readonly items: number;
  readonly ms: number;
}

interface Run {
  readonly role: Role;
  readonly input: Float32Array;
  readonly shape: readonly number[];
}

const wish = { facesMax: 20, parts: ['attributes', 'embedding', 'crop', 'shape'] } as const;
const limits = { pixelsMax: 40_000_000, secondsMax: 60 };

/**
 * Medians over so many rounds for each picture, the two sides taking turns, on one thread of a process that keeps memory as those that
 * analyse pictures do.
 */
export async function measureShares(
  paths: readonly string[],
  models: string,
  rounds: number,
): Promise<readonly Share[]> {
  const child = fork(fileURLToPath(import.meta.url), {
    serialization: 'advanced',
    execArgv: [...memoryFlags],
    env: { ...process.env, ...allocatorVariables },
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the process ended with ${code}`)));
  child.send({ paths, models, rounds });
  const [shares] = await Promise.race([once(child, 'message'), ended]);
  child.disconnect();
  return shares as readonly Share[];
}

if (import.meta.main && process.send) {
  const [{ paths, models, rounds }] = await once(process, 'message');
  process.send(await measureHere(paths, models, rounds));
}

async function measureHere(paths: readonly string[], models: string, rounds: number): Promise<Share[]> {
  confineDecoder();
  const { networks: files } = await importNetworks(models);
  const write = async (tasks: readonly { readonly from: string; readonly to: string }[]): Promise<void> => {
    for (const { from, to } of tasks) await writeOptimised(from, to);
  };
  const networks = await loadNetworks(onnxRuntime, await optimiseNetworks(files, write));
  const shares: Share[] = [];
  for (const path of paths) shares.push(await measureShare(path, networks, rounds));
  return shares;
}

async function measureShare(path: string, networks: Networks, rounds: number): Promise<Share> {
  const file = await readFile(path);
  const runs: Run[] = [];
  const { faces } = await analyzePicture(recording(networks, runs), file, wish, limits);
  const turns: { readonly whole: number; readonly alone: Readonly<Partial<Record<Role, number>>> }[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    await analyzePicture(networks, file, wish, limits);
    turns.push({ whole: cpuMsSince(start), alone: await replay(networks, runs) });
  }
  const byNetwork = Map.groupBy(runs, ({ role }) => role)
    .entries()
    .map(([role, own]): [Role, NetworkShare] => {
      const items = own.reduce((sum, { shape }) => sum + shape[0]!, 0);
      return [role, { runs: own.length, items, ms: median(turns.map(({ alone }) => alone[role]!)) }];
    });
  const sums = turns.map(({ alone }) => Object.values(alone).reduce((sum, ms) => sum + ms, 0));
  return {
    path,
    faces: faces.length,
    wholeMs: median(turns.map(({ whole }) => whole)),
    networksMs: median(sums),
    byNetwork: Object.fromEntries(byNetwork),
  };
}

/** Networks that record a copy of their inputs. */
function recording(networks: Networks, runs: Run[]): Networks {
  const wrapped = Object.entries(networks).map(([role, network]): [string, Network] => [
    role,
    {
      run: (input, shape) => {
        runs.push({ role: role as Role, input: input.slice(), shape });
        return network.run(input, shape);
      },
    },
  ]);
  return Object.fromEntries(wrapped) as Record<Role, Network>;
}

/** Processor milliseconds by network. */
async function replay(networks: Networks, runs: readonly Run[]): Promise<Partial<Record<Role, number>>> {
  const spent: Partial<Record<Role, number>> = {};
  for (const { role, input, shape } of runs) {
    const start = process.cpuUsage();
    await networks[role].run(input, shape);
    spent[role] = (spent[role] ?? 0) + cpuMsSince(start);
  }
  return spent;
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
