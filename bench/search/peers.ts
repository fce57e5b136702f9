/** Runs the same queries on other search engines and compares their answers with the exact ones. */
import { DatabaseSync } from 'node:sqlite';
import { openIndex } from '../../src/search/open.ts';
import { table } from '../../tools/markdown.ts';
import { median } from '../statistics.ts';
import { type Crowd, embeddingOf, makeProbes } from './crowd.ts';
import { interleave, number } from './figures.ts';

const rounds = 15;
const count = 5;
const install = 'npm ci --prefix bench/peers --ignore-scripts';

/** A way to find the nearest faces. */
interface Engine {
  readonly name: string;
  /** The bytes that a search reads, or stores, for one face. */
  readonly bytes: string;
  /** Seconds that indexing all faces took. */
  readonly filed: number;
  /** Numbers of the nearest faces. */
  readonly find: (probe: Float32Array) => readonly number[] | Promise<readonly number[]>;
}

/** A table of every engine over the first faces of a crowd; every face is a person of its own. */
export async function comparePeers(all: Crowd, facesMax: number, threads: number): Promise<string> {
  const faces = Math.min(all.faces, facesMax);
  const crowd = { ...all, faces, embeddings: all.embeddings.subarray(0, faces * all.dimension) };
  await using index = await openIndex({ dimension: crowd.dimension, threads });
  console.log(`comparing ${faces} faces`);
  const engines = [
    plain(crowd),
    await familiar(crowd, index.of('1')),
    await onnx(crowd, threads),
    ...(await peers(crowd)),
  ];
  const probes = makeProbes(crowd, rounds + 1, 99);
  const truth = probes.map((probe) => new Set(engines[0]!.find(probe) as readonly number[]));
  const found = new Map(engines.map(({ name }) => [name, 0]));
  const subjects = engines.map(({ name, find }) => {
    let turn = 0;
    const ask = async (): Promise<void> => {
      const at = turn++ % probes.length;
      const hits = (await find(probes[at]!)).filter((face) => truth[at]!.has(face)).length;
      found.set(name, found.get(name)! + hits);
    };
    return [name, ask] as const;
  });
  const times = await interleave(rounds, Object.fromEntries(subjects));
  const rows = engines.map(({ name, bytes, filed }) => [
    name,
    number(median(times[name]!)),
    (found.get(name)! / ((rounds + 1) * count)).toFixed(3),
    number(filed),
    bytes,
  ]);
  return `## Beside others

${number(faces)} of the faces, each a person of its own; one probe, ${count} to find. Recall is the share of the plain loop's ${count} that was found. The peers are installed with \`${install}\`.

${table(['engine', 'median', 'recall', 'filing, s', 'kept a face'], rows)}`;
}

const now = (): number => performance.now() / 1000;

/** Double precision, one face after the other. */
function plain(crowd: Crowd): Engine {
  const { faces, dimension, embeddings } = crowd;
  const find = (probe: Float32Array): number[] =>
    nearestBy(faces, (face) => {
      let sum = 0;
      for (let i = 0, at = face * dimension; i < dimension; i++, at++) sum += embeddings[at]! * probe[i]!;
      return sum;
    });
  return { name: 'plain typed arrays, 1 thread (the oracle)', bytes: `${dimension * 4}`, filed: 0, find };
}

async function familiar(crowd: Crowd, gallery: import('../../src/search/gallery.ts').SearchGallery): Promise<Engine> {
  const start = now();
  for (let face = 0; face < crowd.faces; face++) {
    const personId = String(face);
    await gallery.apply([
      { kind: 'joinGroup', personId, groupId: 'all' },
      { kind: 'insertFace', faceId: `${face}`, personId, embedding: embeddingOf(crowd, face) },
    ]);
  }
  const find = async (probe: Float32Array): Promise<number[]> => {
    const [candidates] = await gallery.nearest({ probes: [probe], groupIds: ['all'], count });
    return candidates!.map(({ faceId }) => Number(faceId));
  };
  return { name: '**familiar**', bytes: `${crowd.dimension * 4}, half of it read`, filed: now() - start, find };
}

/** A matrix product of blocks that fit the cache. */
async function onnx({ faces, dimension, embeddings }: Crowd, threads: number): Promise<Engine> {
  const { InferenceSession, Tensor } = await import('../../src/vision/models/engine.ts');
  const { encodeModel } = await import('../../src/vision/models/onnx.ts');
  const model = encodeModel({
    name: 'scores',
    inputs: [
      { name: 'rows', dims: ['n', dimension] },
      { name: 'probe', dims: [dimension, 1] },
    ],
    outputs: [{ name: 'scores', dims: ['n', 1] }],
    tensors: [],
    nodes: [{ op: 'MatMul', inputs: ['rows', 'probe'], outputs: ['scores'], attributes: {} }],
  });
  const session = await InferenceSession.create(model, { intraOpNumThreads: threads });
  const block = 16_384;
  const find = async (vector: Float32Array): Promise<number[]> => {
    const probe = new Tensor('float32', vector, [dimension, 1]);
    const scores = new Float32Array(faces);
    for (let from = 0; from < faces; from += block) {
      const size = Math.min(block, faces - from);
      const rows = new Tensor('float32', embeddings.subarray(from * dimension, (from + size) * dimension), [
        size,
        dimension,
      ]);
      scores.set((await session.run({ rows, probe })).scores!.data as Float32Array, from);
    }
    return nearestBy(faces, (face) => scores[face]!);
  };
  return { name: 'onnxruntime-node, matrix product', bytes: `${dimension * 4}`, filed: 0, find };
}

/** Those of the peers that are installed. */
async function peers(crowd: Crowd): Promise<readonly Engine[]> {
  const load = async (name: string) => {
    try {
      const { createRequire } = await import('node:module');
      return createRequire(new URL('../peers/package.json', import.meta.url))(name);
    } catch {
      console.log(`${name} is not installed: ${install}`);
      return undefined;
    }
  };
  const [usearch, simsimd, sqliteVec] = [await load('usearch'), await load('simsimd'), await load('sqlite-vec')];
  return [
    ...(usearch === undefined ? [] : [usearchExact(crowd, usearch), usearchGraph(crowd, usearch)]),
    ...(simsimd === undefined ? [] : [simsimdLoop(crowd, simsimd)]),
    ...(sqliteVec === undefined ? [] : [sqlite(crowd, sqliteVec)]),
  ];
}

interface Matches {
  readonly keys: BigUint64Array;
}

interface Usearch {
  readonly MetricKind: { readonly IP: string };
  readonly exactSearch: (rows: Float32Array, probe: Float32Array, size: number, k: number, metric: string) => Matches;
  readonly Index: new (
    options: object,
  ) => {
    add(keys: BigUint64Array, vectors: Float32Array): void;
    search(probe: Float32Array, k: number, threads: number): Matches;
  };
}

function usearchExact({ embeddings, dimension }: Crowd, { exactSearch, MetricKind }: Usearch): Engine {
  const find = (probe: Float32Array): number[] =>
    Array.from(exactSearch(embeddings, probe, dimension, count, MetricKind.IP).keys, Number);
  return { name: 'usearch, exact', bytes: `${dimension * 4}`, filed: 0, find };
}

function usearchGraph({ embeddings, dimension, faces }: Crowd, { Index, MetricKind }: Usearch): Engine {
  const index = new Index({ dimensions: dimension, metric: MetricKind.IP, quantization: 'f32' });
  const keys = BigUint64Array.from({ length: faces }, (_, face) => BigInt(face));
  const start = now();
  for (let from = 0; from < faces; from += 5000) {
    const to = Math.min(faces, from + 5000);
    index.add(keys.subarray(from, to), embeddings.subarray(from * dimension, to * dimension));
  }
  const find = (probe: Float32Array): number[] => Array.from(index.search(probe, count, 0).keys, Number);
  return { name: 'usearch, HNSW graph', bytes: `${dimension * 4} and the graph`, filed: now() - start, find };
}

function simsimdLoop(crowd: Crowd, { dot }: { dot: (a: Float32Array, b: Float32Array) => number }): Engine {
  const rows = Array.from({ length: crowd.faces }, (_, face) => embeddingOf(crowd, face));
  const find = (probe: Float32Array): number[] => nearestBy(crowd.faces, (face) => dot(rows[face]!, probe));
  return { name: 'simsimd, a call a face, 1 thread', bytes: `${crowd.dimension * 4}`, filed: 0, find };
}

function sqlite(crowd: Crowd, { load }: { load: (db: DatabaseSync) => void }): Engine {
  const db = new DatabaseSync(':memory:', { allowExtension: true });
  load(db);
  const start = now();
  db.exec(`create virtual table faces using vec0(embedding float[${crowd.dimension}] distance_metric=cosine); begin`);
  const insert = db.prepare('insert into faces(rowid, embedding) values (?, ?)');
  for (let face = 0; face < crowd.faces; face++) insert.run(BigInt(face), bytesOf(embeddingOf(crowd, face)));
  db.exec('commit');
  const select = db.prepare(`select rowid from faces where embedding match ? and k = ${count} order by distance`);
  const find = (probe: Float32Array): number[] => select.all(bytesOf(probe)).map(({ rowid }) => Number(rowid));
  return { name: 'sqlite-vec, in memory', bytes: `${crowd.dimension * 4}`, filed: now() - start, find };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The faces of the highest scores, highest first. */
function nearestBy(faces: number, scoreOf: (face: number) => number): number[] {
  const best: { face: number; score: number }[] = [];
  for (let face = 0; face < faces; face++) {
    const score = scoreOf(face);
    if (best.length === count && score <= best[count - 1]!.score) continue;
    if (best.length === count) best.pop();
    const at = best.findIndex((other) => score > other.score);
    best.splice(at === -1 ? best.length : at, 0, { face, score });
  }
  return best.map(({ face }) => face);
}
