/** What both registers know of a copy that is made of one into the other, so that it can be taken up after it was interrupted. */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { CopyRow, Tables } from '../tables.ts';

/** How often a copy gives a sign, in milliseconds. */
const signMs = 30_000;

/** A register cannot be used as it is: it was moved, or is not whole yet. */
export class NotInUseError extends Error {
  override readonly name = 'NotInUseError';
}

/** What a register knows of copies: as the one that is copied, and as the one that is made. */
export async function copiesOf(db: Kysely<Tables>): Promise<{ readonly from?: CopyRow; readonly to?: CopyRow }> {
  const rows = await db.selectFrom('copies').selectAll().execute();
  return Object.fromEntries(rows.map((row) => [row.role, row]));
}

/**
 * Refuses a register that must not be used.
 * @throws NotInUseError that tells the operator what to do.
 */
export async function refuseUnused(db: Kysely<Tables>): Promise<void> {
  const { from, to } = await copiesOf(db);
  if (to !== undefined) {
    throw new NotInUseError(
      `it is being copied from ${to.other} and is not whole yet: wait for \`familiar copy\`, or give that command again`,
    );
  }
  if (from?.state === 'moved') {
    throw new NotInUseError(
      `it was moved to ${from.other}: use that, or have this one taken up again with \`familiar copy reopen\``,
    );
  }
}

/** The two sides of a copy. */
export interface Sides {
  readonly from: Kysely<Tables>;
  readonly to: Kysely<Tables>;
  /** What the registers are called, without passwords. */
  readonly fromName: string;
  readonly toName: string;
}

/**
 * Notes in both registers that one is copied into the other, or finds that it was being so.
 * @throws Error for the operator if either of them is a part of something else.
 */
export async function beginCopy({ from, to, fromName, toName }: Sides): Promise<void> {
  const [source, target] = [await copiesOf(from), await copiesOf(to)];
  const isEnding = source.from?.state === 'moved' && target.to?.id === source.from.id;
  if (!isEnding) await refuseUnused(from);
  if (target.from?.state === 'moved') {
    throw new Error(`${toName} was moved to ${target.from.other}, and is no place for another register`);
  }
  const id = source.from?.id ?? randomUUID();
  if (target.to !== undefined && target.to.id !== id) {
    throw new Error(
      `${toName} holds part of a copy of ${target.to.other}: give it an empty folder or database, or go on with that copy`,
    );
  }
  if (target.to === undefined) await refuseFilled(to, toName);
  await note(from, { role: 'from', id, other: toName, state: 'copying' });
  await note(to, { role: 'to', id, other: fromName, state: 'copying' });
}

/** Has the changes of a register kept for the copy, now and then. */
export function signOfLife(from: Kysely<Tables>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < signMs) return;
    last = performance.now();
    await from.updateTable('copies').set({ seen_at: Date.now() }).where('role', '=', 'from').execute();
  };
}

/** Notes whether the register that is copied takes calls. */
export async function noteState(from: Kysely<Tables>, state: CopyRow['state']): Promise<void> {
  await from.updateTable('copies').set({ state, seen_at: Date.now() }).where('role', '=', 'from').execute();
}

/** Notes that the copy is whole: it may be used from now on. */
export async function noteWhole(to: Kysely<Tables>): Promise<void> {
  await to.transaction().execute(async (trx) => {
    await trx.deleteFrom('copied_appids').execute();
    await trx.deleteFrom('copies').execute();
  });
}

/** Forgets that a register was copied. */
export async function forgetCopy(from: Kysely<Tables>): Promise<void> {
  await from.deleteFrom('copies').where('role', '=', 'from').execute();
}

async function note(db: Kysely<Tables>, row: Omit<CopyRow, 'seen_at'>): Promise<void> {
  const whole = { ...row, seen_at: Date.now() };
  await db
    .insertInto('copies')
    .values(whole)
    .onConflict((conflict) => conflict.column('role').doUpdateSet(whole))
    .execute();
}

async function refuseFilled(db: Kysely<Tables>, name: string): Promise<void> {
  for (const table of ['tenants', 'keys', 'persons', 'data_keys'] as const) {
    const row = await db.selectFrom(table).select('appid').limit(1).executeTakeFirst();
    if (row === undefined) continue;
    throw new Error(`${name} holds a register already: a register is copied into an empty folder or database`);
  }
}
