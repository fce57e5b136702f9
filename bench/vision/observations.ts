/** Runs the networks on many labelled photographs and stores their outputs, since that takes minutes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { finderOf, type ObservedFace, observe } from '../../src/vision/pipeline/analyze.ts';
import { confineDecoder, decodePicture } from '../../src/vision/pipeline/decode.ts';
import { embeddingLength } from '../../src/vision/pipeline/embed.ts';
import { findFaces } from '../../src/vision/pipeline/find.ts';
import type { LocatedFace } from '../../src/vision/pipeline/locate.ts';
import { loadNetworks, type Networks } from '../../src/vision/pipeline/networks.ts';

/** The length of each output for one face. */
const lengths = {
  points: 1404,
  presence: 1,
  feature: 1024,
  male: 1,
  recognised: embeddingLength,
  expressions: 7,
  years: 1,
};
const rowLength = Object.values(lengths).reduce((sum, length) => sum + length);

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };

/** Loads the networks into this thread. */
export async function openNetworks(modelsFolder: string): Promise<Networks> {
  confineDecoder();
  const { networks } = await importNetworks(modelsFolder);
  return loadNetworks(onnxRuntime, networks);
}

/**
 * The face of each picture that has one, by path: in LFW the one nearest the middle, which the label is about,
 * elsewhere the largest.
 * @param cache a file that is read if it exists, and written otherwise.
 */
export async function observeAll(
  networks: Networks,
  data: string,
  paths: readonly string[],
  cache: string,
): Promise<Map<string, ObservedFace>> {
  if (existsSync(cache)) return readCache(cache);
  const seen = new Map<string, ObservedFace>();
  for (const [i, path] of paths.entries()) {
    const { pixels, full } = await decodePicture(readFileSync(join(data, path)), limits);
    const pyramid = new Pyramid(pixels, full);
    const found = await findFaces(finderOf(networks), pyramid);
    const labelled = path.startsWith('lfw/') ? mostCentral(found, pyramid) : found[0];
    if (labelled) seen.set(path, (await observe(networks, pyramid, [labelled]))[0]!);
    if (i % 500 === 0) process.stderr.write(`${i} of ${paths.length}\n`);
  }
  writeCache(cache, seen);
  return seen;
}

function mostCentral(found: readonly LocatedFace[], { base: { width, height } }: Pyramid): LocatedFace | undefined {
  const distance = ({ box }: LocatedFace): number =>
    Math.hypot(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2);
  return found.toSorted((a, b) => distance(a) - distance(b))[0];
}

function writeCache(file: string, seen: ReadonlyMap<string, ObservedFace>): void {
  const rows = new Float32Array(seen.size * rowLength);
  [...seen.values()].forEach(({ mesh, description, recognised, expressions, years }, n) => {
    let at = n * rowLength;
    for (const part of [
      mesh.points,
      [mesh.presence],
      description.feature,
      [description.male],
      recognised,
      expressions,
      [years],
    ]) {
      rows.set(part, at);
      at += part.length;
    }
  });
  writeFileSync(file, new Uint8Array(rows.buffer));
  writeFileSync(`${file}.json`, JSON.stringify([...seen.keys()]));
}

function readCache(file: string): Map<string, ObservedFace> {
  const rows = new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
  const paths: string[] = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  return new Map(
    paths.map((path, n) => {
      let at = n * rowLength;
      const take = (length: number): Float32Array => {
        at += length;
        return rows.subarray(at - length, at);
      };
      const points = take(lengths.points);
      const [presence] = take(lengths.presence);
      const feature = take(lengths.feature);
      const [male] = take(lengths.male);
      const recognised = take(lengths.recognised);
      const expressions = take(lengths.expressions);
      const [years] = take(lengths.years);
      return [
        path,
        {
          mesh: { points, presence: presence! },
          description: { feature, male: male! },
          recognised,
          expressions,
          years: years!,
        },
      ];
    }),
  );
}
