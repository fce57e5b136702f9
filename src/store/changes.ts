/** Writes, reads and prunes the change feed of a registry. */
import type { ChangeBatch, RegistryChange } from '../sync/change-feed.ts';
import { fromBytes } from './embeddings.ts';
import type { Scope } from './scope.ts';
import type { ChangeRow } from './tables.ts';

/** A change as it is written down: an inserted face without its embedding, which stands in its own row. */
export type RecordedChange =
  | Exclude<RegistryChange, { kind: 'insertFace' }>
  | { readonly kind: 'insertFace'; readonly faceId: string; readonly personId: string };

/** Rows that one statement writes; a parameter each column, of which SQLite takes 32,766. */
const rowsPerStatement = 1_000;

/** Writes changes down, in the transaction that makes them. The counter's row keeps writers of one appid in order. */
export async function recordChanges({ db, appid }: Scope, changes: readonly RecordedChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { changes: last } = await db
    .insertInto('registries')
    .values({ appid, groups: 0, changes: changes.length, forgotten: 0 })
    .onConflict((conflict) =>
      conflict.column('appid').doUpdateSet((eb) => ({ changes: eb('registries.changes', '+', changes.length) })),
    )
    .returning('changes')
    .executeTakeFirstOrThrow();
  const first = last - changes.length + 1;
  const rows = changes.map((change, i) => ({ ...blank, ...columnsOf(change), appid, sequence: first + i }));
  for (let i = 0; i < rows.length; i += rowsPerStatement) {
    await db
      .insertInto('changes')
      .values(rows.slice(i, i + rowsPerStatement))
      .execute();
  }
}

/** How many changes there have been. */
export async function position(scope: Scope): Promise<number> {
  return (await headOf(scope)).changes;
}

/** The changes after a position, with the embeddings of a model; undefined if some of them are forgotten. */
export async function since(scope: Scope, position: number, model: string): Promise<ChangeBatch | undefined> {
  const head = await headOf(scope);
  if (position < head.forgotten || position > head.changes) return undefined;
  if (position === head.changes) return { position, changes: [] };
  const { db, appid } = scope;
  const rows = await db
    .selectFrom('changes')
    .leftJoin('embeddings', (join) =>
      join
        .onRef('embeddings.appid', '=', 'changes.appid')
        .onRef('embeddings.face_id', '=', 'changes.face_id')
        .on('embeddings.model', '=', model),
    )
    .select(['sequence', 'kind', 'person_id', 'changes.face_id', 'group_id', 'embedding'])
    .where('changes.appid', '=', appid)
    .where('sequence', '>', position)
    .orderBy('sequence')
    .execute();
  return { position: rows.at(-1)?.sequence ?? position, changes: rows.flatMap((row) => toChange(row) ?? []) };
}

/** Forgets the changes up to a position; nothing if it is beyond the last one, as after a database was put back in time. */
export async function prune({ db, appid }: Scope, position: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('registries')
    .set({ forgotten: position })
    .where('appid', '=', appid)
    .where('forgotten', '<', position)
    .where('changes', '>=', position)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return;
  await db.deleteFrom('changes').where('appid', '=', appid).where('sequence', '<=', position).execute();
}

/** How many changes there have been, and up to which they are forgotten. */
async function headOf({ db, appid }: Scope) {
  const row = await db
    .selectFrom('registries')
    .select(['changes', 'forgotten'])
    .where('appid', '=', appid)
    .executeTakeFirst();
  return row ?? { changes: 0, forgotten: 0 };
}

/** What a change does not speak of. */
const blank = { person_id: '', face_id: '', group_id: '' };

function columnsOf(change: RecordedChange): Pick<ChangeRow, 'kind'> & Partial<ChangeRow> {
  const { kind } = change;
  switch (kind) {
    case 'insertFace':
      return { kind, person_id: change.personId, face_id: change.faceId };
    case 'removeFace':
      return { kind, face_id: change.faceId };
    case 'removePerson':
      return { kind, person_id: change.personId };
    case 'joinGroup':
    case 'leaveGroup':
      return { kind, person_id: change.personId, group_id: change.groupId };
  }
}

/** Undefined for a face whose embedding is not there: it was erased since, which a later change tells. */
function toChange(row: Omit<ChangeRow, 'appid'> & { embedding: Uint8Array | null }): RegistryChange | undefined {
  const { kind, person_id: personId, face_id: faceId, group_id: groupId, embedding } = row;
  switch (kind) {
    case 'insertFace':
      return embedding === null ? undefined : { kind, faceId, personId, embedding: fromBytes(embedding) };
    case 'removeFace':
      return { kind, faceId };
    case 'removePerson':
      return { kind, personId };
    case 'joinGroup':
    case 'leaveGroup':
      return { kind, personId, groupId };
  }
}
