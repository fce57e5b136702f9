/** Writes, reads and prunes the change feed of a registry. */
import { type Kysely, sql } from 'kysely';
import type { ChangeBatch, RegistryChange } from '../sync/change-feed.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant, text } from './dialects/expressions.ts';
import { fromBytes } from './embeddings.ts';
import type { EncryptedBatch } from './encryption/batch.ts';
import { overhead } from './encryption/cipher.ts';
import { wrappedKeyOf } from './encryption/data-keys.ts';
import { prepare, prepareWrite } from './prepared.ts';
import type { DecryptingScope, Scope } from './scope.ts';
import type { ChangeRow, Tables } from './tables.ts';

/**
 * A change as it is written down: an inserted face without its embedding, which stands in its own row, and the groups
 * that are joined or left together.
 */
export type RecordedChange =
  | Extract<RegistryChange, { kind: 'removeFace' | 'removePerson' }>
  | { readonly kind: 'updatePerson'; readonly personId: string }
  | { readonly kind: 'insertFace'; readonly faceId: string; readonly personId: string }
  | { readonly kind: 'joinGroups' | 'leaveGroups'; readonly personId: string; readonly groupIds: readonly string[] };

/** Rows that one statement writes; a parameter each column, of which SQLite takes 32,766. */
const rowsPerStatement = 1_000;
/** Groups in one row: few rows for many groups, and no row so large that forgetting it takes long. */
const groupsPerRow = 500;
/** How long changes are kept for a copy that gives no sign, in milliseconds: longer than clocks of machines differ. */
const keptForCopyMs = 10 * 60_000;
/** Rows that are deleted in one transaction, so that no write waits long for it. */
const rowsPerPruning = 100;

/** Writes changes down, in the transaction that makes them. The counter's row keeps writers of one appid in order. */
export async function recordChanges({ db, appid }: Scope, changes: readonly RecordedChange[]): Promise<void> {
  const recorded = changes.flatMap(rowsOf);
  if (recorded.length === 0) return;
  const counting = countChanges(db, { appid, changes: recorded.length });
  const [only] = recorded;
  // The second does not wait for what the first one says: with a thread between, waiting takes longer than either.
  if (recorded.length === 1) return void (await Promise.all([counting, insertLast(db, { ...blank, ...only!, appid })]));
  const [counted] = await counting;
  const first = counted!.changes - recorded.length + 1;
  const rows = recorded.map((row, i) => ({ ...blank, ...row, appid, sequence: first + i }));
  for (let i = 0; i < rows.length; i += rowsPerStatement) {
    await db
      .insertInto('changes')
      .values(rows.slice(i, i + rowsPerStatement))
      .execute();
  }
}

/** Answers how many changes there have been then. */
const countChanges = prepare(
  (db: Kysely<Tables>, { appid, changes }: { readonly appid: string; readonly changes: number }) =>
    db
      .insertInto('registries')
      .values({ appid, groups: 0, changes, forgotten: 0 })
      .onConflict((conflict) =>
        conflict
          .column('appid')
          .doUpdateSet((eb) => ({ changes: eb('registries.changes', '+', eb.ref('excluded.changes')) })),
      )
      .returning('changes'),
);

/** Writes the last of the changes that are counted. */
const insertLast = prepareWrite((db: Kysely<Tables>, of: Omit<ChangeRow, 'sequence'>) =>
  db
    .insertInto('changes')
    .columns(['appid', 'sequence', 'kind', 'person_id', 'face_id', 'group_ids'])
    .expression(
      db
        .selectFrom('registries')
        .select(['appid', 'changes'])
        .select([text(of.kind).as('kind'), text(of.person_id).as('person_id')])
        .select([text(of.face_id).as('face_id'), text(of.group_ids).as('group_ids')])
        .where('appid', '=', of.appid),
    ),
);

/** Statements that delete the changes of every registry from the feed. */
export const forgetEveryChange: readonly string[] = [
  'update registries set forgotten = changes where forgotten < changes',
  'delete from changes',
];

/** How many changes there have been. */
export async function position(scope: Scope): Promise<number> {
  return (await headOf(scope)).changes;
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
      return embedding === undefined ? [] : [{ kind, personId, faceId, embedding }];
    case 'removeFace':
      return [{ kind, faceId }];
    case 'removePerson':
      return [{ kind, personId }];
    case 'updatePerson':
      return [];
    case 'joinGroups':
    case 'leaveGroups': {
      const one = kind === 'joinGroups' ? 'joinGroup' : 'leaveGroup';
      return listOf(groupIds).map((groupId) => ({ kind: one, personId, groupId }));
    }
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

/**
 * Deletes the changes up to a position, at most some hundreds of the oldest; nothing if the position is beyond the last
 * one, as after a database was put back in time.
 * @returns whether there are more of them to delete.
 */
export async function prune({ db, appid }: Scope, position: number): Promise<boolean> {
  const pruned = await db
    .updateTable('registries')
    .set({ forgotten: dialectOf(db).smaller(sql`forgotten + ${rowsPerPruning}`, position) })
    .where('appid', '=', appid)
    .where('forgotten', '<', position)
    .where('changes', '>=', position)
    .where(({ not, exists }) => not(exists(livingCopy(db))))
    .returning('forgotten')
    .executeTakeFirst();
  if (pruned === undefined) return false;
  const { forgotten } = pruned;
  await db.deleteFrom('changes').where('appid', '=', appid).where('sequence', '<=', forgotten).execute();
  return forgotten < position;
}

/** A copy of the register that is being made: what changes meanwhile is kept for it. */
function livingCopy(db: Kysely<Tables>) {
  return db
    .selectFrom('copies')
    .select('role')
    .where('role', '=', 'from')
    .where('seen_at', '>', Date.now() - keptForCopyMs);
}

/** How many changes there have been, and up to which they are forgotten. */
async function headOf({ db, appid }: Scope) {
  const [row] = await headQuery(db, { appid });
  return row ?? { changes: 0, forgotten: 0 };
}

const headQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectFrom('registries').select(['changes', 'forgotten']).where('appid', '=', appid),
);

/** The columns that a kind of change does not use. */
const blank = { person_id: '', face_id: '', group_ids: '' };

function rowsOf(change: RecordedChange): (Pick<ChangeRow, 'kind'> & Partial<ChangeRow>)[] {
  const { kind } = change;
  switch (kind) {
    case 'insertFace':
      return [{ kind, person_id: change.personId, face_id: change.faceId }];
    case 'removeFace':
      return [{ kind, face_id: change.faceId }];
    case 'removePerson':
    case 'updatePerson':
      return [{ kind, person_id: change.personId }];
    case 'joinGroups':
    case 'leaveGroups':
      return Array.from({ length: Math.ceil(change.groupIds.length / groupsPerRow) }, (_, i) => {
        const groupIds = change.groupIds.slice(i * groupsPerRow, (i + 1) * groupsPerRow);
        return { kind, person_id: change.personId, group_ids: JSON.stringify(groupIds) };
      });
  }
}
