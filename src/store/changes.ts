/** Writes, reads and prunes the change feed of a registry. */
import { type Kysely, sql } from 'kysely';
import type { ChangeBatch, RegistryChange } from '../sync/change-feed.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant, text } from './dialects/expressions.ts';
import { toEmbedding } from './embeddings.ts';
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
  | { readonly kind: 'insertFace'; readonly faceId: string; readonly personId: string }
  | { readonly kind: 'joinGroups' | 'leaveGroups'; readonly personId: string; readonly groupIds: readonly string[] };

/** Rows that one statement writes; a parameter each column, of which SQLite takes 32,766. */
const rowsPerStatement = 1_000;
/** Rows that one statement reads, so that it takes a bounded time however many there are. */
const rowsPerRead = 2_000;
/** Groups in one row: few rows for many groups, and no row so large that forgetting it takes long. */
const groupsPerRow = 500;
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

/** The changes after a position, with the embeddings of a model; undefined if some of them are forgotten. */
export async function since(scope: DecryptingScope, position: number, model: string): Promise<ChangeBatch | undefined> {
  const head = await headOf(scope);
  if (position < head.forgotten || position > head.changes) return undefined;
  if (position === head.changes) return { position, changes: [] };
  const changes: RegistryChange[] = [];
  for (let from = position; ; ) {
    const rows = await changesQuery(scope.db, { appid: scope.appid, position: from, model });
    for (const row of rows) changes.push(...toChanges(scope, row, model));
    from = rows.at(-1)?.sequence ?? from;
    if (rows.length < rowsPerRead) return { position: from, changes };
  }
}

const changesQuery = prepare(
  (
    db: Kysely<Tables>,
    { appid, position, model }: { readonly appid: string; readonly position: number; readonly model: string },
  ) =>
    db
      .selectFrom('changes')
      .leftJoin('embeddings', (join) =>
        join
          .onRef('embeddings.appid', '=', 'changes.appid')
          .onRef('embeddings.face_id', '=', 'changes.face_id')
          .on('embeddings.model', '=', model),
      )
      .select(['sequence', 'kind', 'person_id', 'changes.face_id', 'group_ids', 'embedding'])
      .select(wrappedKeyOf(appid).as('wrapped'))
      .where('changes.appid', '=', appid)
      .where('sequence', '>', position)
      .orderBy('sequence')
      .limit(constant(rowsPerRead)),
);

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
    .returning('forgotten')
    .executeTakeFirst();
  if (pruned === undefined) return false;
  const { forgotten } = pruned;
  await db.deleteFrom('changes').where('appid', '=', appid).where('sequence', '<=', forgotten).execute();
  return forgotten < position;
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
      return [{ kind, person_id: change.personId }];
    case 'joinGroups':
    case 'leaveGroups':
      return Array.from({ length: Math.ceil(change.groupIds.length / groupsPerRow) }, (_, i) => {
        const groupIds = change.groupIds.slice(i * groupsPerRow, (i + 1) * groupsPerRow);
        return { kind, person_id: change.personId, group_ids: JSON.stringify(groupIds) };
      });
  }
}

/** Nothing for a face whose embedding is not there: it was erased since, which a later change tells. */
function toChanges(
  scope: DecryptingScope,
  row: Omit<ChangeRow, 'appid'> & { embedding: Uint8Array | null; wrapped: Uint8Array | null },
  model: string,
): RegistryChange[] {
  const { kind, person_id: personId, face_id: faceId, group_ids: groupIds, embedding, wrapped } = row;
  switch (kind) {
    case 'insertFace':
      // An appid that was ended has no data key any more, and no faces either.
      if (embedding === null || wrapped === null) return [];
      return [{ kind, personId, ...toEmbedding(scope, { ...row, embedding }, model) }];
    case 'removeFace':
      return [{ kind, faceId }];
    case 'removePerson':
      return [{ kind, personId }];
    case 'joinGroups':
    case 'leaveGroups': {
      const one = kind === 'joinGroups' ? 'joinGroup' : 'leaveGroup';
      return (JSON.parse(groupIds) as readonly string[]).map((groupId) => ({ kind: one, personId, groupId }));
    }
  }
}
