/** Reads everything in a registry: many rows as one, since each row by itself costs more than its bytes. */
import { type Kysely, sql } from 'kysely';
import type { GallerySize, RegistryChange } from '../sync/change-feed.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { floatsOf, fromBytes } from './embeddings.ts';
import type { EncryptedBatch } from './encryption/batch.ts';
import { overhead } from './encryption/cipher.ts';
import { wrappedKeyOf } from './encryption/data-keys.ts';
import type { OpeningScope, Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Some of a registry, and from where on there is more; at the end undefined. */
export interface Part<Content, From> {
  readonly content: Content;
  readonly next: From | undefined;
}

/** Some faces, whose embeddings are still encrypted. */
export interface EncryptedFaces {
  readonly faceIds: readonly string[];
  /** JSON list of each face's person. */
  readonly personIds: string;
  readonly batch: EncryptedBatch;
}

/** A membership: after it in the order of ids. */
export interface MembershipId {
  readonly groupId: string;
  readonly personId: string;
}

/** Memberships in the order of their ids, from after one of them on. */
export async function membershipsAfter(
  { db, appid }: Scope,
  after: MembershipId,
  count: number,
): Promise<Part<readonly RegistryChange[], MembershipId>> {
  const batch = db
    .selectFrom('memberships')
    .select(['group_id', 'person_id'])
    .where('appid', '=', appid)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('group_id', 'person_id'), '>', tuple(after.groupId, after.personId)),
    )
    .orderBy('group_id')
    .orderBy('person_id')
    .limit(constant(count));
  const dialect = dialectOf(db);
  const row = await db
    .selectFrom(batch.as('batch'))
    .select([dialect.jsonList('group_id').as('groups'), dialect.jsonList('person_id').as('persons')])
    .executeTakeFirstOrThrow();
  const [groupIds, personIds] = [read<string>(row.groups), read<string>(row.persons)];
  const changes = groupIds.map((groupId, i) => ({ kind: 'joinGroup', groupId, personId: personIds[i]! }) as const);
  return { content: changes, next: changes.length < count ? undefined : changes.at(-1) };
}

/**
 * Faces that a model has embedded, in the order of their ids, from after one of them on; none of an appid that has no data
 * key any more. Undefined for no faces.
 */
export async function facesAfter(
  scope: OpeningScope,
  after: string,
  model: string,
  count: number,
): Promise<Part<EncryptedFaces | undefined, string>> {
  const batch = facesQuery(scope, model)
    .where('embeddings.face_id', '>', after)
    .orderBy('embeddings.face_id')
    .limit(constant(count));
  return readFaces(scope, model, batch, count);
}

/** The id of the face that is so many behind one of them; undefined if there are not so many. */
export async function faceIdBehind(
  { db, appid }: Scope,
  after: string,
  model: string,
  count: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('embeddings')
    .select('face_id')
    .where('appid', '=', appid)
    .where('face_id', '>', after)
    .where('model', '=', model)
    .orderBy('face_id')
    .offset(constant(count - 1))
    .limit(constant(1))
    .executeTakeFirst();
  return row?.face_id;
}

/** Between which ids faces are: behind the first, and up to the second or to the end. */
export interface FaceRange {
  readonly after: string;
  readonly upTo: string | undefined;
}

/**
 * The faces in a range, in the order of their ids, that a model has embedded and that belong to members of some groups.
 * Undefined if there is none.
 * @param groupIds a JSON list.
 */
export async function facesBetween(
  scope: OpeningScope,
  { after, upTo }: FaceRange,
  model: string,
  groupIds: string,
): Promise<EncryptedFaces | undefined> {
  const { db, appid } = scope;
  // A subquery for each row, by the groups of its person, of which there are few, and not by those that were asked for:
  // `exists` would be taken for a join, which PostgreSQL makes anew for each batch.
  let batch = facesQuery(scope, model)
    .where('embeddings.face_id', '>', after)
    .where((eb) =>
      eb(
        eb
          .selectFrom('memberships')
          .select(constant(1).as('is'))
          .where('memberships.appid', '=', appid)
          .whereRef('memberships.person_id', '=', 'faces.person_id')
          .where(dialectOf(db).isAmong(sql`memberships.group_id || ''`, groupIds))
          .limit(constant(1)),
        '=',
        constant(1),
      ),
    )
    .orderBy('embeddings.face_id');
  if (upTo !== undefined) batch = batch.where('embeddings.face_id', '<=', upTo);
  return (await readFaces(scope, model, batch, Number.POSITIVE_INFINITY)).content;
}

/**
 * Some faces that a model has embedded, in the order of their ids. Undefined if there is none of them.
 * @param faceIds a JSON list.
 */
export async function facesAmong(
  scope: OpeningScope,
  faceIds: string,
  model: string,
): Promise<EncryptedFaces | undefined> {
  const { db } = scope;
  const batch = facesQuery(scope, model)
    .where('embeddings.face_id', 'in', db.selectFrom(dialectOf(db).asked(faceIds)).select('value'))
    .orderBy('embeddings.face_id');
  return (await readFaces(scope, model, batch, Number.POSITIVE_INFINITY)).content;
}

function facesQuery({ db, appid }: Scope, model: string) {
  return db
    .selectFrom('embeddings')
    .innerJoin('faces', (join) =>
      join.onRef('faces.appid', '=', 'embeddings.appid').onRef('faces.face_id', '=', 'embeddings.face_id'),
    )
    .select(['embeddings.face_id', 'person_id', 'embedding'])
    .where('embeddings.appid', '=', appid)
    .where('embeddings.model', '=', model);
}

async function readFaces(
  { db, appid, dataKeys }: OpeningScope,
  model: string,
  batch: ReturnType<typeof facesQuery>,
  count: number,
): Promise<Part<EncryptedFaces | undefined, string>> {
  const dialect = dialectOf(db);
  const row = await db
    .selectFrom(batch.as('batch'))
    .select([dialect.jsonList('face_id').as('faces'), dialect.jsonList('person_id').as('persons')])
    .select([dialect.lengths('embedding').as('lengths'), dialect.together('embedding').as('embeddings')])
    .select(wrappedKeyOf(appid).as('wrapped'))
    .executeTakeFirstOrThrow();
  if (row.embeddings === null || row.wrapped === null) return { content: undefined, next: undefined };
  const faceIds = read<string>(row.faces);
  const encrypted: EncryptedBatch = {
    key: dataKeys.open(appid, row.wrapped),
    model,
    faceIds: row.faces,
    lengths: row.lengths,
    values: row.embeddings,
  };
  const next = faceIds.length < count ? undefined : faceIds.at(-1);
  return { content: { faceIds, personIds: row.persons, batch: encrypted }, next };
}

/** Faces with their embeddings, which lie decrypted one after the other in `plain`. */
export function toChanges({ faceIds, personIds, batch }: EncryptedFaces, plain: Uint8Array): readonly RegistryChange[] {
  const [persons, lengths] = [read<string>(personIds), read<number>(batch.lengths)];
  let at = 0;
  return faceIds.map((faceId, i) => {
    const length = lengths[i]! - overhead;
    const embedding = fromBytes(plain.subarray(at, at + length));
    at += length;
    return { kind: 'insertFace', faceId, personId: persons[i]!, embedding } as const;
  });
}

/**
 * The embeddings of faces, one after the other.
 * @param plain their bytes, decrypted.
 * @param dimension of each.
 * @throws Error if one has another.
 */
export function rowsOf({ batch }: EncryptedFaces, plain: Uint8Array, dimension: number): Float32Array {
  const lengths = read<number>(batch.lengths);
  const usual = dimension * 4 + overhead;
  if (lengths.every((length) => length === usual)) return floatsOf(plain);
  const rows = new Float32Array(lengths.length * dimension);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    const embedding = fromBytes(plain.subarray(at, at + length - overhead));
    if (embedding.length !== dimension)
      throw new Error(`an embedding has ${embedding.length} numbers, not ${dimension}`);
    rows.set(embedding, i * dimension);
    at += length - overhead;
  }
  return rows;
}

/** How much there is of one appid. */
export async function sizeOf({ db, appid }: Scope, model: string): Promise<GallerySize> {
  const { faces } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('appid', '=', appid)
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  const { persons } = await db
    .selectFrom('persons')
    .select((eb) => eb.fn.countAll<number>().as('persons'))
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  const { groups, memberships } = await db
    .selectFrom('groups')
    .select((eb) => [eb.fn.countAll<number>().as('groups'), eb.fn.sum<number | null>('members').as('memberships')])
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  return { faces, persons, groups, memberships: memberships ?? 0 };
}

/** How many faces a model has embedded, of all appids. */
export async function countFaces(db: Kysely<Tables>, model: string): Promise<number> {
  const { faces } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  return faces;
}

function read<T>(list: string): readonly T[] {
  return JSON.parse(list) as readonly T[];
}
