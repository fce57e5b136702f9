/** Reads everything in a registry: many rows as one, since each row by itself costs more than its bytes. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { RegistryChange } from '../sync/change-feed.ts';
import { fromBytes } from './embeddings.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Some of a registry, and from where on there is more; at the end undefined. */
export interface Part<From> {
  readonly changes: readonly RegistryChange[];
  readonly next: From | undefined;
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
): Promise<Part<MembershipId>> {
  const batch = db
    .selectFrom('memberships')
    .select(['group_id', 'person_id'])
    .where('appid', '=', appid)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('group_id', 'person_id'), '>', tuple(after.groupId, after.personId)),
    )
    .orderBy('group_id')
    .orderBy('person_id')
    .limit(count);
  const row = await db
    .selectFrom(batch.as('batch'))
    .select([list('group_id').as('groups'), list('person_id').as('persons')])
    .executeTakeFirstOrThrow();
  const [groupIds, personIds] = [read<string>(row.groups), read<string>(row.persons)];
  const changes = groupIds.map((groupId, i) => ({ kind: 'joinGroup', groupId, personId: personIds[i]! }) as const);
  return { changes, next: changes.length < count ? undefined : changes.at(-1) };
}

/** Faces that a model has seen, in the order of their ids, from after one of them on. */
export async function facesAfter(
  { db, appid }: Scope,
  after: string,
  model: string,
  count: number,
): Promise<Part<string>> {
  const batch = db
    .selectFrom('embeddings')
    .innerJoin('faces', (join) =>
      join.onRef('faces.appid', '=', 'embeddings.appid').onRef('faces.face_id', '=', 'embeddings.face_id'),
    )
    .select(['embeddings.face_id', 'person_id', 'embedding'])
    .where('embeddings.appid', '=', appid)
    .where('embeddings.face_id', '>', after)
    .where('embeddings.model', '=', model)
    .orderBy('embeddings.face_id')
    .limit(count);
  const row = await db
    .selectFrom(batch.as('batch'))
    .select([list('face_id').as('faces'), list('person_id').as('persons')])
    .select([lengths('embedding').as('lengths'), together('embedding').as('embeddings')])
    .executeTakeFirstOrThrow();
  const [faceIds, personIds] = [read<string>(row.faces), read<string>(row.persons)];
  const embeddings = divide(row.embeddings ?? new Uint8Array(), read<number>(row.lengths));
  const changes = faceIds.map(
    (faceId, i) => ({ kind: 'insertFace', faceId, personId: personIds[i]!, embedding: embeddings[i]! }) as const,
  );
  return { changes, next: faceIds.length < count ? undefined : faceIds.at(-1) };
}

/** How many faces a model has seen, whosever they are. */
export async function countFaces(db: Kysely<Tables>, model: string): Promise<number> {
  const { faces } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  return faces;
}

// Lists of a column's values, all in the order in which the rows come. PostgreSQL has json_agg and string_agg for them.

function list(column: string): RawBuilder<string> {
  return sql<string>`json_group_array(${sql.ref(column)})`;
}

function lengths(column: string): RawBuilder<string> {
  return sql<string>`json_group_array(length(${sql.ref(column)}))`;
}

/**
 * Bytes one after the other; null if there are none. SQLite puts together texts only, and takes any bytes for one: it
 * converts nothing and stops at nothing in a database of UTF-8, which ours are.
 */
function together(column: string): RawBuilder<Uint8Array | null> {
  return sql<Uint8Array | null>`cast(group_concat(${sql.ref(column)}, '') as blob)`;
}

function read<T>(list: string): readonly T[] {
  return JSON.parse(list) as readonly T[];
}

/** Embeddings that follow each other, apart again. */
function divide(bytes: Uint8Array, lengths: readonly number[]): readonly Float32Array[] {
  let at = 0;
  const embeddings = lengths.map((length) => {
    at += length;
    return fromBytes(bytes.subarray(at - length, at));
  });
  if (at !== bytes.length) throw new Error(`embeddings of ${at} bytes were read as ${bytes.length}`);
  return embeddings;
}
