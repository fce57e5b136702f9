/** Reads the change feed of a registry. */
import type { Kysely } from 'kysely';
import type { ChangeBatch, RegistryChange } from '../../sync/change-feed.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { fromBytes } from '../embeddings.ts';
import type { EncryptedBatch } from '../encryption/batch.ts';
import { overhead } from '../encryption/cipher.ts';
import { wrappedKeyOf } from '../encryption/data-keys.ts';
import { prepare } from '../prepared.ts';
import type { DecryptingScope, Scope } from '../scope.ts';
import type { ChangeRow, Tables } from '../tables.ts';
import { toFollow, toInsert } from './record.ts';

/** How many changes there have been. */
export async function position(scope: Scope): Promise<number> {
  const [row] = await headQuery(scope.db, { appid: scope.appid });
  return row?.changes ?? 0;
}

/** Changes as they are written down; their embeddings are still encrypted. */
export interface EncryptedChanges extends Omit<ChangeBatch, 'changes'> {
  /** The columns of the changes in their order, each a JSON list. */
  readonly columns: Readonly<Record<'kind' | 'person_id' | 'face_id' | 'group_ids', string>>;
  /** The embeddings of the faces that were inserted and are still there; undefined if there is none. */
  readonly embeddings: EncryptedBatch | undefined;
}

/**
 * The changes after a position, a few or many of them, with the embeddings of a model; undefined if some of them
 * are forgotten. One statement, since nothing may be forgotten between the look at the counter and the reading.
 */
export async function changesAfter(
  { db, appid, dataKeys }: DecryptingScope,
  position: number,
  model: string,
  count: keyof typeof counts,
): Promise<EncryptedChanges | undefined> {
  const [row] = await queries[count](db, { appid, position, model });
  if (row === undefined)
    return position === 0 ? { position, isLast: true, columns: none, embeddings: undefined } : undefined;
  if (position < row.forgotten || position > row.last) return undefined;
  const reached = row.reached ?? position;
  // Databases differ in whether a list has a place for what is not there.
  const faceIds = (JSON.parse(row.embedded) as (string | null)[]).filter((id) => id !== null);
  const lengths = (JSON.parse(row.lengths) as (number | null)[]).filter((length) => length !== null);
  const hasFaces = row.values !== null && row.wrapped !== null;
  return {
    position: reached,
    isLast: reached === row.last,
    columns: row,
    // An appid that was ended has no data key any more, and no faces either.
    embeddings: hasFaces
      ? {
          key: dataKeys.open(appid, row.wrapped),
          model,
          faceIds: JSON.stringify(faceIds),
          lengths: JSON.stringify(lengths),
          values: row.values!,
        }
      : undefined,
  };
}

const none = { kind: '[]', person_id: '[]', face_id: '[]', group_ids: '[]' };

interface ChangesAfter {
  readonly appid: string;
  readonly position: number;
  readonly model: string;
}

/** How many changes are read at once. */
const counts = {
  /** What a few calls have written, in less than a millisecond. */
  few: 50,
  /** Some may name 500 groups each. */
  many: 200,
} as const;

/** Many rows as one: each by itself costs more than its bytes. */
const changesQuery = (count: number) =>
  prepare((db: Kysely<Tables>, { appid, position, model }: ChangesAfter) => {
    const { jsonList, lengths, together } = dialectOf(db);
    const batch = db
      .selectFrom('changes')
      .leftJoin('embeddings', (join) =>
        join
          .onRef('embeddings.appid', '=', 'changes.appid')
          .onRef('embeddings.face_id', '=', 'changes.face_id')
          .on('embeddings.model', '=', model),
      )
      .select(['sequence', 'kind', 'person_id', 'changes.face_id', 'group_ids', 'embedding'])
      .select('embeddings.face_id as embedded')
      .where('changes.appid', '=', appid)
      .where('sequence', '>', position)
      .orderBy('sequence')
      .limit(constant(count))
      .as('batch');
    const lists = db
      .selectFrom(batch)
      .select((eb) => eb.fn.max('sequence').as('reached'))
      .select([jsonList('kind').as('kind'), jsonList('person_id').as('person_id')])
      .select([jsonList('face_id').as('face_id'), jsonList('group_ids').as('group_ids')])
      .select([jsonList('embedded').as('embedded'), lengths('embedding').as('lengths')])
      .select(together('embedding').as('values'))
      .as('lists');
    return db
      .selectFrom('registries')
      .crossJoin(lists)
      .selectAll('lists')
      .select(['registries.forgotten', 'registries.changes as last'])
      .select(wrappedKeyOf(appid).as('wrapped'))
      .where('registries.appid', '=', appid);
  });

const queries = { few: changesQuery(counts.few), many: changesQuery(counts.many) } as const;

/**
 * The changes.
 * @param plain the decrypted embeddings one after the other; undefined if there is none.
 */
export function toBatch({ position, isLast, columns, embeddings }: EncryptedChanges, plain?: Uint8Array): ChangeBatch {
  const [kinds, personIds] = [listOf<ChangeRow['kind']>(columns.kind), listOf(columns.person_id)];
  const [faceIds, groupIds] = [listOf(columns.face_id), listOf(columns.group_ids)];
  const byFace = embeddings && plain ? takeApart(embeddings, plain) : new Map<string, Float32Array>();
  const changes = kinds.flatMap((kind, i) => {
    const row = { kind, person_id: personIds[i]!, face_id: faceIds[i]!, group_ids: groupIds[i]! };
    return toChanges(row, byFace.get(row.face_id));
  });
  return { position, isLast, changes };
}

/** @param embedding of the face that was inserted; undefined if it was erased since, which a later change tells. */
function toChanges(
  { kind, person_id: personId, face_id: faceId, group_ids: groupIds }: Omit<ChangeRow, 'appid' | 'sequence'>,
  embedding: Float32Array | undefined,
): RegistryChange[] {
  switch (kind) {
    case 'insertFace':
      return toInsert({ faceId, personId }, embedding);
    case 'removeFace':
      return toFollow({ kind, faceId });
    case 'removePerson':
    case 'updatePerson':
      return toFollow({ kind, personId });
    case 'joinGroups':
    case 'leaveGroups':
      return toFollow({ kind, personId, groupIds: listOf(groupIds) });
  }
}

function takeApart({ faceIds, lengths }: EncryptedBatch, plain: Uint8Array): Map<string, Float32Array> {
  const embeddings = new Map<string, Float32Array>();
  let at = 0;
  const sizes = listOf<number>(lengths);
  for (const [i, faceId] of listOf(faceIds).entries()) {
    const length = sizes[i]! - overhead;
    embeddings.set(faceId, fromBytes(plain.subarray(at, at + length)));
    at += length;
  }
  return embeddings;
}

function listOf<T = string>(json: string): readonly T[] {
  return JSON.parse(json) as readonly T[];
}

const headQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectFrom('registries').select('changes').where('appid', '=', appid),
);
