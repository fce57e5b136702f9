/** How fast faces are converted: beside the recogniser alone, and beside calls. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { findInstalled } from '../../src/vision/packs/folder.ts';
import { loadPack } from '../../src/vision/packs/load.ts';
import { pointsIn } from '../../src/vision/pipeline/crop-points.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { recogniserOf } from '../../src/vision/pipeline/networks.ts';

/** How long a recogniser is run alone, in milliseconds. */
const aloneMs = 5_000;

/** What a process that runs a recogniser alone is told. */
interface Alone {
  readonly folder: string;
  readonly pack: string;
  readonly crops: readonly string[];
  readonly together: number;
}

/**
 * How many faces a second a recogniser embeds on all cores, when nothing else is done: pictures and points are ready.
 * @param together how many faces are given to it at once, as a conversion does; as of a call, if it is 1.
 */
export async function recogniserAlone(
  folder: string,
  pack: string,
  crops: readonly Uint8Array[],
  workers: number,
  together: number,
): Promise<number> {
  const order: Alone = { folder, pack, crops: crops.map((crop) => Buffer.from(crop).toString('base64')), together };
  const children = Array.from({ length: workers }, () =>
    fork(fileURLToPath(import.meta.url), ['alone'], { execArgv: process.execArgv }),
  );
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    const rates = await Promise.all(children.map((child) => ask(child, order)));
    return rates.reduce((sum, rate) => sum + rate, 0);
  } finally {
    for (const child of children) child.kill();
  }
}

async function ask(child: ChildProcess, order: Alone): Promise<number> {
  const answered = once(child, 'message');
  child.send(order);
  const [rate] = await answered;
  return rate as number;
}

async function runAlone({ folder, pack, crops, together }: Alone): Promise<number> {
  const imported = await importNetworks(join(folder, 'models'));
  const installed = pack === 'builtin' ? undefined : await findInstalled(join(folder, 'packs'), pack);
  const networks = { recogniser: await onnxRuntime.load(imported.networks.mobileFaceNet.path) };
  const loaded = installed && (await loadPack(onnxRuntime, installed));
  const recogniser = recogniserOf({ ...networks, pack: loaded } as unknown as Parameters<typeof recogniserOf>[0]);
  const faces: Parameters<typeof recogniser.embedTogether>[0][number][] = [];
  for (const crop of crops) {
    const bytes = new Uint8Array(Buffer.from(crop, 'base64'));
    const { pixels } = await decodePicture(bytes, { pixelsMax: 1e6, secondsMax: 5 });
    faces.push({ picture: new Pyramid(pixels), points: pointsIn(bytes, pixels.width)! });
  }
  const embed = async (from: number): Promise<void> => {
    const some = Array.from({ length: together }, (_, i) => faces[(from + i) % faces.length]!);
    if (together > 1) await recogniser.embedTogether(some);
    else await recogniser.embed(some[0]!.picture, [some[0]!.points]);
  };
  for (let i = 0; i < faces.length; i += together) await embed(i);
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < aloneMs; count += together) await embed(count);
  return count / ((performance.now() - start) / 1000);
}

if (process.argv[2] === 'alone' && process.send !== undefined) {
  process.on('message', async (order: Alone) => {
    process.send!(await runAlone(order));
  });
  process.send('here');
}

/** A quantile of some times. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
