/**
 * Searches a registry by reading its rows, batch by batch, in one snapshot: for galleries that are not in memory. Similarity is
 * computed as in the index, to the last bit.
 */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { TopK } from '../../search/top-k.ts';
import { type EncryptedEmbeddings, embeddingsAfter, facesAmong, membersAmong, personsIn } from '../contents.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import type { OpeningScope, Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import type { VectorIndex } from '../vectors.ts';
import { searchByVectors } from './by-vectors.ts';
import { offerAll, type PersonsOf } from './offer.ts';
import type { Lists, SearchOrder } from './order.ts';

/** The data key has been encrypted anew since the order was made, or is another one: the order is to be made again. */
export class KeyChanged extends Error {
  override readonly name = 'KeyChanged';
}

/** Nobody waits for the answer any more. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** How rows are read. */
export interface Reading {
  /** Rows that are read at once. */
  readonly batchSize: number;
  /** The faces of so few members are looked up one by one; of more, every row of the appid is read. */
  readonly fewMembers: number;
  /** The same for so small a share of the appid's memberships, above which hardly a row is read in vain. */
  readonly fewShare: number;
  /** As many faces are looked up at most: their ids are held in memory. */
  readonly lookedUpMax: number;
  /** A graph is walked where the appid has so many memberships: to look at each vector of fewer takes no longer, and misses none. */
  readonly graphMembers: number;
}

/** Some 2 MB at once. */
const usual: Reading = {
  batchSize: 2_000,
  fewMembers: 5_000,
  fewShare: 1 / 4,
  lookedUpMax: 100_000,
  graphMembers: 5_000,
};

/** The database finds candidates for so few probes by vectors; for more, every row is read once for all of them. */
const fewProbes = 8;

/** The least share of the appid's memberships for which a graph is walked: it would be walked far for a smaller one. */
const graphShare = 1 / 10;

/** Searches in one snapshot of a database that the calling thread may wait for. */
export function searchRows(db: Kysely<Tables>, order: SearchOrder, reading: Reading = usual): Promise<Lists> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((trx) => searchIn(trx, order, reading));
}

async function searchIn(db: Kysely<Tables>, order: SearchOrder, reading: Reading): Promise<Lists> {
  const { appid, groupIds, probes, count, key, wrapped } = order;
  const open = (_: string, found: Uint8Array | null): KeyObject => {
    if (found === null || Buffer.compare(found, wrapped) !== 0) throw new KeyChanged();
    return key;
  };
  const scope: OpeningScope = { db, appid, dataKeys: { open } };
  const groups = JSON.stringify(groupIds);
  const best = probes.map(() => new TopK<string>(count));
  const members = await membersOf(scope, groups);
  if (members === 0) return best.map(({ found }) => found);
  const { vectors, preferIndexes } = dialectOf(db);
  const all = await allMemberships(scope);
  const share = members / all;
  const isLarge = members > reading.fewMembers || share >= reading.fewShare;
  const index = isLarge && probes.length <= fewProbes ? await vectors?.indexOf(db) : undefined;
  if (vectors !== undefined && index !== undefined) {
    return searchByVectors(scope, vectors, usableOf(index, members, all, reading), order, groups);
  }
  await preferIndexes?.(db);
  for await (const { embeddings, personsOf } of isLarge
    ? allFaces(scope, order, groups, reading)
    : fewFaces(scope, order, groups, reading)) {
    if (embeddings !== undefined) await offerAll(embeddings, probes, best, personsOf);
    if (Atomics.load(new Int32Array(order.given), 0) !== 0) throw new GivenUp();
  }
  return best.map(({ found }) => found);
}

/** Some faces to search, and who of them counts. */
interface Some {
  readonly embeddings: EncryptedEmbeddings | undefined;
  readonly personsOf: PersonsOf;
}

/**
 * How vectors are looked at where there is a graph, or none.
 * @param members the memberships of the groups that are searched, of all that the appid has.
 */
export function usableOf(index: VectorIndex, members: number, all: number, reading: Reading = usual): VectorIndex {
  return members / all >= graphShare && all >= reading.graphMembers ? index : 'exact';
}

/** The faces of some groups' members, looked up by their ids. */
async function* fewFaces(
  scope: OpeningScope,
  order: SearchOrder,
  groups: string,
  reading: Reading,
): AsyncGenerator<Some, void> {
  const faceIds = await facesOfMembers(scope, groups, reading.lookedUpMax);
  if (faceIds === undefined) return yield* allFaces(scope, order, groups, reading);
  for (let i = 0; i < faceIds.length; i += reading.batchSize) {
    const faces = await facesAmong(scope, JSON.stringify(faceIds.slice(i, i + reading.batchSize)), order.model);
    yield { embeddings: faces, personsOf: async () => personsIn(faces) };
  }
}

/** Every face of the appid; the members among those that are near are looked up. */
async function* allFaces(
  scope: OpeningScope,
  { model }: SearchOrder,
  groups: string,
  { batchSize }: Reading,
): AsyncGenerator<Some, void> {
  const personsOf: PersonsOf = (faceIds) => membersAmong(scope, JSON.stringify(faceIds), groups);
  let part = await embeddingsAfter(scope, '', model, batchSize);
  while (part.next !== undefined) {
    // Another process reads the next batch while this one is scored.
    const next = embeddingsAfter(scope, part.next, model, batchSize);
    next.catch(() => {});
    yield { embeddings: part.content, personsOf };
    part = await next;
  }
  yield { embeddings: part.content, personsOf };
}

/** How many memberships the appid has. */
async function allMemberships({ db, appid }: Scope): Promise<number> {
  const { all } = await db
    .selectFrom('groups')
    .select((eb) => eb.fn.sum<number>('members').as('all'))
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  return all;
}

/** How many memberships some groups have. */
async function membersOf({ db, appid }: Scope, groupIds: string): Promise<number> {
  const { members } = await db
    .selectFrom('groups')
    .select((eb) => eb.fn.sum<number | null>('members').as('members'))
    .where('appid', '=', appid)
    .where('group_id', 'in', db.selectFrom(dialectOf(db).asked(groupIds)).select('value'))
    .executeTakeFirstOrThrow();
  return members ?? 0;
}

/** The ids of the faces of some groups' members, sorted; undefined if they are too many. */
async function facesOfMembers(
  { db, appid }: Scope,
  groupIds: string,
  most: number,
): Promise<readonly string[] | undefined> {
  const rows = await db
    .selectFrom('memberships')
    .innerJoin('faces', (join) =>
      join.onRef('faces.appid', '=', 'memberships.appid').onRef('faces.person_id', '=', 'memberships.person_id'),
    )
    .select('face_id')
    .where('memberships.appid', '=', appid)
    .where('memberships.group_id', 'in', db.selectFrom(dialectOf(db).asked(groupIds)).select('value'))
    .limit(constant(most + 1))
    .execute();
  if (rows.length > most) return undefined;
  return [...new Set(rows.map(({ face_id }) => face_id))].sort();
}
