/** An index over a register, and an analyzer whose pictures are numbers: what a search must find is known. */
import type { RequestContext } from '../../src/domain/context.ts';
import type { AnalyzedFace, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { createFaceIds } from '../../src/domain/ids.ts';
import type { Stores } from '../../src/store/open.ts';
import { type IndexSync, openIndexSync } from '../../src/sync/index-sync.ts';
import { createRandom } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import { stranger } from '../search/vectors.ts';
import { idsOf, limits } from '../store/fixtures.ts';

const dimension = 8;
const random = createRandom(7);
/** What the analyzer finds in the pictures 0, 1, 2 …. */
export const embeddings = Array.from({ length: 12 }, () => stranger(random, dimension));
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Sees one face in a picture, which is one byte long: the embedding of that number. */
export const analyzer: FaceAnalyzer = {
  model: 'bytes',
  dimension,
  compare: (a, b) => ({ score: 100 * cosine(a, b), mayBeCopy: false }),
  areCopies: async (_, others) => others.map(() => true),
  scoreOf: (value) => 100 * value,
  async analyze(picture) {
    const embedding = embeddings[picture[0]!]!;
    const attributes = { gender: 0, age: 0, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 };
    const box = { x: 0, y: 0, width: 10, height: 10 };
    const never = undefined as never;
    const quality = { score: 100 };
    const face: AnalyzedFace = {
      box,
      attributes,
      embedding,
      crop: new Uint8Array(1),
      quality,
      further: [],
      shape: never,
    };
    return { width: 10, height: 10, faces: [face], others: [], timings: {} };
  },
};

const newFaceId = createFaceIds(Date.now);
/** The picture of a number below 12. */
export const picture = (number: number) => ({ open: async () => Uint8Array.of(number) });

/** What a call of an appid works with. */
export function contextOf(stores: Stores, sync: IndexSync, appid: string): RequestContext {
  const { signal } = new AbortController();
  const gallery = sync.galleryOf(appid);
  const told = { onAnalysis: () => {}, onResembling: () => {}, onSeen: () => {} };
  return { store: stores.of(appid), gallery, analyzer, limits, newFaceId, qualityMin: 0, ...told, signal };
}

/** Opens an index over stores that takes so many bytes of memory; a fault that nobody expects fails the test. */
export async function follow(stores: Stores, faults: unknown[] = [], bytesMax?: number): Promise<IndexSync> {
  const sync = await openIndexSync({ stores, analyzer, bytesMax, onFault: (error) => faults.push(error) });
  await sync.ready;
  return sync;
}

/** What a search of some groups for every picture finds. */
export async function found(sync: IndexSync, appid: string, groups: readonly string[]) {
  const { signal } = new AbortController();
  return sync.galleryOf(appid).nearest({ probes: embeddings, groupIds: groups, count: 3, signal });
}

/** What it must find: the register read person by person, and compared one by one. */
export async function expected(stores: Stores, appid: string, groups: readonly string[]) {
  const store = stores.of(appid);
  const oracle = new Oracle();
  for (const groupId of idsOf(await store.groups()) ?? []) {
    for (const personId of idsOf(await store.membersOf(groupId)) ?? []) {
      await oracle.apply([{ kind: 'joinGroup', personId, groupId }]);
      for (const { faceId, embedding } of await store.embeddingsOf(personId, analyzer.model)) {
        await oracle.apply([{ kind: 'insertFace', faceId, personId, embedding }]);
      }
    }
  }
  return oracle.nearest({ probes: embeddings, groupIds: groups, count: 3 });
}
