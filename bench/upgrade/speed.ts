/** How fast faces are converted: beside the recogniser alone, and beside calls. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import type { networkCatalog } from '../../src/vision/models/catalog.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { findInstalled } from '../../src/vision/packs/folder.ts';
import { loadPack } from '../../src/vision/packs/load.ts';
import { frameInCrop } from '../../src/vision/pipeline/crop.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { fitMeshes, settleMeshes } from '../../src/vision/pipeline/mesh.ts';
import { recogniserOf } from '../../src/vision/pipeline/networks.ts';

/** How long a recogniser is run alone, in milliseconds. */
const aloneMs = 5_000;

/** What a process that runs a recogniser alone is told. */
interface Alone {
  readonly folder: string;
  readonly pack: string;
  readonly crops: readonly string[];
}

/** How many faces a second a recogniser embeds on all cores, when nothing else is done: pictures and meshes are ready. */
export async function recogniserAlone(
  folder: string,
  pack: string,
  crops: readonly Uint8Array[],
  workers: number,
): Promise<number> {
  const order: Alone = { folder, pack, crops: crops.map((crop) => Buffer.from(crop).toString('base64')) };
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

async function runAlone({ folder, pack, crops }: Alone): Promise<number> {
  const models = join(folder, 'models');
  const load = (name: keyof typeof networkCatalog) => onnxRuntime.load(join(models, `${name}.onnx`));
  const installed = pack === 'builtin' ? undefined : await findInstalled(join(folder, 'packs'), pack);
  const networks = { mesher: await load('facemesh'), recogniser: await load('mobileFaceNet') };
  const loaded = installed && (await loadPack(onnxRuntime, installed));
  const recogniser = recogniserOf({ ...networks, pack: loaded } as unknown as Parameters<typeof recogniserOf>[0]);
  const faces = [];
  for (const crop of crops) {
    const { pixels } = await decodePicture(new Uint8Array(Buffer.from(crop, 'base64')), {
      pixelsMax: 1e6,
      secondsMax: 5,
    });
    const picture = new Pyramid(pixels);
    const meshes = await fitMeshes(networks.mesher, picture, [frameInCrop(pixels.width)]);
    faces.push({ picture, meshes: await settleMeshes(networks.mesher, picture, meshes) });
  }
  for (const { picture, meshes } of faces) await recogniser.embed(picture, meshes);
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < aloneMs; count++) {
    const { picture, meshes } = faces[count % faces.length]!;
    await recogniser.embed(picture, meshes);
  }
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

/** The processor's name, for the page. */
export function processor(): string {
  return /model name\s*:\s*(.+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
}
