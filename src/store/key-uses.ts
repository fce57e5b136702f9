/** When keys were last used: gathered in memory, and written with the counts of calls. */
import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely';
import { compileOnce } from './prepared.ts';
import type { CallTables, KeyUseRow } from './tables.ts';

/** How exact the time is, in milliseconds: a key that is used all the time is written once in a minute. */
const exactMs = 60_000;
/** Keys whose last use is remembered; far more than call within a minute. */
const rememberedMax = 10_000;

/** The uses that are to be written. */
export class KeyUses {
  readonly #noted = new Map<string, number>();
  #pending = new Map<string, KeyUseRow>();

  /**
   * Notes that a key is used.
   * @param at milliseconds since 1970.
   * @returns whether it is to be written.
   */
  note(secretId: string, appid: string, at: number): boolean {
    const last = this.#noted.get(secretId);
    if (last !== undefined && at - last < exactMs) return false;
    if (this.#noted.size >= rememberedMax) this.#noted.clear();
    this.#noted.set(secretId, at);
    this.#pending.set(secretId, { secret_id: secretId, appid, used_at: at });
    return true;
  }

  /** What is to be written, in one order, so that transactions of several servers do not deadlock; nothing is left of it. */
  take(): readonly KeyUseRow[] {
    if (this.#pending.size === 0) return [];
    const rows = [...this.#pending.values()];
    this.#pending = new Map();
    return rows.sort((a, b) => (a.secret_id < b.secret_id ? -1 : 1));
  }

  /** Takes back what could not be written. */
  putBack(rows: readonly KeyUseRow[]): void {
    for (const row of rows) if (!this.#pending.has(row.secret_id)) this.#pending.set(row.secret_id, row);
  }
}

/** Compiles the statement that writes the use of a key, unless a later one is there. */
export const writeUse: (db: Kysely<CallTables>, row: KeyUseRow) => CompiledQuery<unknown> = compileOnce(
  (db: Kysely<CallTables>, row: KeyUseRow): Compilable<unknown> =>
    db
      .insertInto('key_uses')
      .values({ secret_id: row.secret_id, appid: row.appid, used_at: row.used_at })
      .onConflict((conflict) =>
        conflict
          .column('secret_id')
          .doUpdateSet({ used_at: sql`excluded.used_at`, appid: sql`excluded.appid` })
          .where('key_uses.used_at', '<', sql<number>`excluded.used_at`),
      ),
);

/** When each key was last used, by SecretId: milliseconds since 1970, up to a minute early. */
export async function keyUses(db: Kysely<CallTables>): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('key_uses').select(['secret_id', 'used_at']).execute();
  return new Map(rows.map((row) => [row.secret_id, row.used_at]));
}
