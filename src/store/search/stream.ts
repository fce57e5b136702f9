/**
 * Searches a registry by reading its rows, batch by batch, in one snapshot: for galleries that are not in memory. Similarity is
 * computed as in the index, to the last bit.
 */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { innerProduct } from '../../search/inner-product.ts';
import { type Found, TopK } from '../../search/top-k.ts';
import { type EncryptedFaces, facesAfter, facesAmong, type OpeningScope, rowsOf } from '../contents.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { decryptBatch } from '../encryption/batch.ts';
import type { Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';

/** What to search for. */
export interface SearchOrder {
  readonly appid: string;
  /** Each once. */
  readonly groupIds: readonly string[];
  readonly model: string;
  readonly probes: readonly Float32Array[];
  readonly count: number;
  /** The appid's data key, and as it is kept; undefined if it has none. */
  readonly key: KeyObject;
  readonly wrapped: Uint8Array;
  /** One 32-bit number: once it is not 0, nobody waits for the answer any more. */
  readonly given: SharedArrayBuffer;
}

/** The best persons for each probe. */
export type Lists = readonly (readonly Found<string>[])[];

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
  /** As many faces are looked up at most: their ids are held in memory. */
  readonly lookedUpMax: number;
}

/** Some 2 MB at once. */
const usual: Reading = { batchSize: 2_000, fewMembers: 5_000, lookedUpMax: 100_000 };

/** Searches in one snapshot of a database that the calling thread may wait for. */
export function searchRows(db: Kysely<Tables>, order: SearchOrder, reading: Reading = usual): Promise<Lists> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const best = order.probes.map(() => new TopK<string>(order.count));
      for await (const faces of facesOf(trx, order, reading)) {
        if (faces !== undefined) offerAll(faces, order.probes, best);
        if (Atomics.load(new Int32Array(order.given), 0) !== 0) throw new GivenUp();
      }
      return best.map(({ found }) => found);
    });
}

/** The faces of the groups' members, each once. */
async function* facesOf(
  db: Kysely<Tables>,
  { appid, groupIds, model, key, wrapped }: SearchOrder,
  { batchSize, fewMembers, lookedUpMax }: Reading,
): AsyncGenerator<EncryptedFaces | undefined, void> {
  const open = (_: string, found: Uint8Array | null): KeyObject => {
    if (found === null || Buffer.compare(found, wrapped) !== 0) throw new KeyChanged();
    return key;
  };
  const scope: OpeningScope = { db, appid, dataKeys: { open } };
  const groups = JSON.stringify(groupIds);
  await dialectOf(db).preferIndexes?.(db);
  const members = await membersOf(scope, groups);
  if (members === 0) return;
  const faceIds = members > fewMembers ? undefined : await facesOfMembers(scope, groups, lookedUpMax);
  if (faceIds !== undefined) {
    for (let i = 0; i < faceIds.length; i += batchSize) {
      yield facesAmong(scope, JSON.stringify(faceIds.slice(i, i + batchSize)), model);
    }
    return;
  }
  let part = await facesAfter(scope, '', model, batchSize, groups);
  while (part.next !== undefined) {
    // Another process reads the next batch while this one is scored.
    const next = facesAfter(scope, part.next, model, batchSize, groups);
    next.catch(() => {});
    yield part.content;
    part = await next;
  }
  yield part.content;
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

/** Offers each face to the best of each probe. */
function offerAll(faces: EncryptedFaces, probes: readonly Float32Array[], best: readonly TopK<string>[]): void {
  const { faceIds, personIds } = faces;
  const plain = decryptBatch(faces.batch);
  const rows = rowsOf(faces, plain, probes[0]!.length);
  let persons: readonly string[] | undefined;
  for (const [p, probe] of probes.entries()) {
    const top = best[p]!;
    const { length } = probe;
    let enough = top.floor - margin;
    for (let i = 0; i < faceIds.length; i++) {
      if (roughProduct(rows, i * length, probe) < enough) continue;
      // In most batches there is none.
      persons ??= JSON.parse(personIds) as readonly string[];
      const cosine = innerProduct(rows.subarray(i * length, (i + 1) * length), probe);
      top.offer({ person: persons[i]!, faceId: BigInt(faceIds[i]!), cosine });
      enough = top.floor - margin;
    }
  }
}

/** How far a rough product is off at most, and far more: the sums of some hundred products in double precision. */
const margin = 1e-9;

/** The inner product as four sums, since each addition would wait for the one before. */
function roughProduct(rows: Float32Array, at: number, probe: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = probe.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += rows[at + i]! * probe[i]!;
    b += rows[at + i + 1]! * probe[i + 1]!;
    c += rows[at + i + 2]! * probe[i + 2]!;
    d += rows[at + i + 3]! * probe[i + 3]!;
  }
  for (let i = whole; i < probe.length; i++) a += rows[at + i]! * probe[i]!;
  return a + b + c + d;
}
