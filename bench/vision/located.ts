/** Finds the face of each of many photographs, and stores the meshes, since that takes minutes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { finderOf } from '../../src/vision/pipeline/analyze.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { findFaces } from '../../src/vision/pipeline/find.ts';
import { mainFaceOf } from '../../src/vision/pipeline/main-face.ts';
import { type Mesh, pointCount, settleMeshes } from '../../src/vision/pipeline/mesh.ts';
import type { Networks } from '../../src/vision/pipeline/networks.ts';

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
/** Numbers of a mesh in the store: its points, and its presence. */
const rowLength = 3 * pointCount + 1;

/** A photograph, decoded. */
export async function pictureAt(data: string, path: string): Promise<Pyramid> {
  const { pixels, full } = await decodePicture(readFileSync(join(data, path)), limits);
  return new Pyramid(pixels, full);
}

/**
 * The mesh of the face that each photograph is of, as calls that mean one face choose it, by path; those without a face
 * are left out.
 * @param store a file that is read if it exists, and written otherwise.
 */
export async function locateAll(
  networks: Networks,
  data: string,
  paths: readonly string[],
  store: string,
): Promise<ReadonlyMap<string, Mesh>> {
  if (existsSync(store)) return readStore(store);
  const located = new Map<string, Mesh>();
  for (const [i, path] of paths.entries()) {
    const picture = await pictureAt(data, path);
    const found = await findFaces(finderOf(networks), picture);
    const boxes = found.map(({ box }) => box);
    if (found.length > 0) {
      const { mesh } = found[mainFaceOf(boxes, picture.base)]!;
      located.set(path, (await settleMeshes(networks.mesher, picture, [mesh]))[0]!);
    }
    if (i % 500 === 0) process.stderr.write(`located ${i} of ${paths.length}\n`);
  }
  writeStore(store, located);
  return located;
}

function writeStore(store: string, located: ReadonlyMap<string, Mesh>): void {
  const rows = new Float32Array(located.size * rowLength);
  [...located.values()].forEach(({ points, presence }, n) => {
    rows.set(points, n * rowLength);
    rows[(n + 1) * rowLength - 1] = presence;
  });
  writeFileSync(store, new Uint8Array(rows.buffer));
  writeFileSync(`${store}.json`, JSON.stringify([...located.keys()]));
}

function readStore(store: string): ReadonlyMap<string, Mesh> {
  const rows = new Float32Array(Uint8Array.from(readFileSync(store)).buffer);
  const paths: string[] = JSON.parse(readFileSync(`${store}.json`, 'utf8'));
  return new Map(
    paths.map((path, n) => {
      const row = rows.subarray(n * rowLength, (n + 1) * rowLength);
      return [path, { points: row.subarray(0, -1), presence: row.at(-1)! }];
    }),
  );
}
