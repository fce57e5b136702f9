/** Reads everything in a registry: many rows as one, since each row by itself costs more than its bytes. */
import { sql } from 'kysely';
import type { RegistryChange } from '../sync/change-feed.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { floatsOf, fromBytes } from './embeddings.ts';
import type { EncryptedBatch } from './encryption/batch.ts';
import { overhead } from './encryption/cipher.ts';
import { wrappedKeyOf } from './encryption/data-keys.ts';
import type { OpeningScope, Scope } from './scope.ts';

/** Some of a registry, and from where on there is more; at the end undefined. */
export interface Part<Content, From> {
  readonly content: Content;
  readonly next: From | undefined;
}

/** The embeddings of some faces, still encrypted. */
export interface EncryptedEmbeddings {
  readonly faceIds: readonly string[];
  readonly batch: EncryptedBatch;
}

/** Some faces, whose embeddings are still encrypted. */
export interface EncryptedFaces extends EncryptedEmbeddings {
  /** JSON list of each face's person. */
  readonly personIds: string;
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
  // Said of both tables, so that both can be read in the order of their ids, side by side.
  const batch = facesQuery(scope, model)
    .where('embeddings.face_id', '>', after)
    .where('faces.face_id', '>', after)
    .orderBy('embeddings.face_id')
    .limit(constant(count));
  const faces = await readFaces(scope, model, batch);
  return { content: faces, next: nextOf(faces, count) };
}

/** The embeddings of these faces, by themselves. */
export async function embeddingsAfter(
  scope: OpeningScope,
  after: string,
  model: string,
  count: number,
): Promise<Part<EncryptedEmbeddings | undefined, string>> {
  const { db, appid } = scope;
  const batch = db
    .selectFrom('embeddings')
    .select(['face_id', 'embedding'])
    .where('appid', '=', appid)
    .where('model', '=', model)
    .where('face_id', '>', after)
    .orderBy('face_id')
    .limit(constant(count))
    .as('batch');
  const query = db.selectFrom(batch).select(embeddingLists(scope));
  const embeddings = opened(scope, model, await dialectOf(db).longRow(db, query, embeddingColumns));
  return { content: embeddings, next: nextOf(embeddings, count) };
}

/** From where on there is more, after a part that was asked for with so many faces. */
function nextOf(part: EncryptedEmbeddings | undefined, count: number): string | undefined {
  return part === undefined || part.faceIds.length < count ? undefined : part.faceIds.at(-1);
}

/**
 * The persons of those faces that belong to members of some groups, by the faces' ids.
 * @param faceIds a JSON list.
 * @param groupIds a JSON list.
 */
export async function membersAmong(
  { db, appid }: Scope,
  faceIds: string,
  groupIds: string,
): Promise<ReadonlyMap<string, string>> {
  // A subquery for each row, by the groups of its person, of which there are few, and not by those that were asked for:
  // `exists` would be taken for a join, which PostgreSQL makes anew for each batch.
  const rows = await db
    .selectFrom('faces')
    .select(['face_id', 'person_id'])
    .where('appid', '=', appid)
    .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(faceIds)).select('value'))
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
    .execute();
  return new Map(rows.map((row) => [row.face_id, row.person_id]));
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
  return readFaces(scope, model, batch);
}

/** The faces that a model has embedded of the persons in a range of ids, person by person and in the order of each. */
export async function facesOfPersons(
  scope: OpeningScope,
  { after, upTo }: { readonly after: string; readonly upTo: string },
  model: string,
): Promise<EncryptedFaces | undefined> {
  const batch = facesQuery(scope, model)
    .where('person_id', '>', after)
    .where('person_id', '<=', upTo)
    .orderBy('person_id')
    .orderBy('ordinal');
  return readFaces(scope, model, batch);
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
  scope: OpeningScope,
  model: string,
  batch: ReturnType<typeof facesQuery>,
): Promise<EncryptedFaces | undefined> {
  const { db } = scope;
  const dialect = dialectOf(db);
  const query = db
    .selectFrom(batch.as('batch'))
    .select(embeddingLists(scope))
    .select(dialect.jsonList('person_id').as('persons'));
  const row = await dialect.longRow(db, query, { ...embeddingColumns, persons: 'text' });
  const embeddings = opened(scope, model, row);
  return embeddings && { ...embeddings, personIds: row.persons };
}

/** The columns of a query that puts embeddings together, in this order. */
const embeddingColumns = { faces: 'text', lengths: 'text', embeddings: 'bytes', wrapped: 'bytes' } as const;

/** What they are made of. */
function embeddingLists({ db, appid }: Scope) {
  const dialect = dialectOf(db);
  return [
    dialect.jsonList('face_id').as('faces'),
    dialect.lengths('embedding').as('lengths'),
    dialect.together('embedding').as('embeddings'),
    wrappedKeyOf(appid).as('wrapped'),
  ] as const;
}

interface EmbeddingLists {
  readonly faces: string;
  readonly lengths: string;
  readonly embeddings: Uint8Array | null;
  readonly wrapped: Uint8Array | null;
}

/** Undefined if there is no embedding, or no data key any more. */
function opened(
  { appid, dataKeys }: OpeningScope,
  model: string,
  { faces, lengths, embeddings, wrapped }: EmbeddingLists,
): EncryptedEmbeddings | undefined {
  if (embeddings === null || wrapped === null) return undefined;
  const key = dataKeys.open(appid, wrapped);
  return { faceIds: read<string>(faces), batch: { key, model, faceIds: faces, lengths, values: embeddings } };
}

/** The persons of faces, by the faces' ids. */
export function personsIn(faces: EncryptedFaces | undefined): ReadonlyMap<string, string> {
  if (faces === undefined) return new Map();
  const persons = read<string>(faces.personIds);
  return new Map(faces.faceIds.map((faceId, i) => [faceId, persons[i]!]));
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
export function rowsOf(batch: EncryptedBatch, plain: Uint8Array, dimension: number): Float32Array {
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

function read<T>(list: string): readonly T[] {
  return JSON.parse(list) as readonly T[];
}
