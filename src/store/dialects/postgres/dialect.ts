/** PostgreSQL's way of saying what queries need. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../tables.ts';
import { type Columns, type Dialect, type Element, type OneRow, refusedWrite } from '../dialect.ts';
import { isAmong } from './among.ts';
import { toCopied } from './copy-out.ts';
import { alone, lookUps, planBy } from './planning.ts';
import { vectors } from './vectors.ts';

/** The key of the advisory lock under which the database is brought up to date: a number drawn once, the same in every version. */
const migrationLock = 4_715_207_311_604_093;

/** PostgreSQL 15 and later. */
export const postgres: Dialect = {
  name: 'PostgreSQL',
  text: sql`text collate "C"`,
  asked: (list) =>
    sql<Element>`(select ordinality - 1 as key, value
      from jsonb_array_elements_text(cast(${list} as jsonb)) with ordinality as elements(value, ordinality))`.as(
      'asked',
    ),
  isAmong,
  jsonList: (column) => jsonOf(sql`to_json(${sql.ref(column)})`),
  // As bytes it would come as twice as many hexadecimal digits.
  longJsonList: (column) => jsonOf(sql`to_json(${sql.ref(column)})`),
  lengths: (column) => jsonOf(sql`octet_length(${sql.ref(column)})`),
  together: (column) => sql<Uint8Array | null>`string_agg(${sql.ref(column)}, '\\x'::bytea)`,
  async longRow<Row>(db: Kysely<Tables>, query: OneRow<Row>, columns: Record<keyof Row, Columns[string]>) {
    const { rows } = await db.getExecutor().executeQuery<Row>(toCopied(query.toOperationNode(), columns));
    return rows[0]!;
  },
  smaller: (a, b) => sql<number>`least(${a}, ${b})`,
  atLeast0: (value) => sql<number>`greatest(0, ${value})`,
  today: sql<number>`cast(floor(extract(epoch from now()) / 86400) as integer)`,
  forShare: (query) => query.forShare(),
  skipLocked: (query) => query.forUpdate().skipLocked(),
  async hasTable(db, name) {
    const { rows } = await sql<{ found: boolean }>`
      select to_regclass(quote_ident(${name})) is not null as found`.execute(db);
    return rows[0]!.found;
  },
  async lockMigrations(trx) {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx);
  },
  lockRegistry,
  preferIndexes: (trx) => planBy(trx, { ...lookUps, ...alone }),
  vectors,
  now: () => sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  transactions: {
    next: () => sql<number>`cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)`,
    oldest: () => sql<number>`cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)`,
  },
  async lockKeys(trx) {
    await trx.selectFrom('master_keys').select('id').forUpdate().execute();
  },
  async refuseWrites(db, table) {
    await db.transaction().execute(async (trx) => {
      // The trigger does nothing but refuse, which is safe on each machine of a cluster.
      await sql`set local citus.enable_unsafe_triggers = on`.execute(trx);
      await sql`create or replace function refuse_write() returns trigger language plpgsql as ${sql.lit(
        `begin raise exception '${refusedWrite}' using errcode = 'read_only_sql_transaction'; end`,
      )}`.execute(trx);
      // It waits for transactions that write to the table, and others wait for it.
      await sql`create or replace trigger refuse_write before insert or update or delete on ${sql.table(table)}
        for each statement execute function refuse_write()`.execute(trx);
    });
  },
  async takeWrites(db, table) {
    await db.transaction().execute(async (trx) => {
      await sql`set local citus.enable_unsafe_triggers = on`.execute(trx);
      await sql`drop trigger if exists refuse_write on ${sql.table(table)}`.execute(trx);
    });
  },
};

/** `json_agg` would write spaces between the elements. */
function jsonOf(element: ReturnType<typeof sql>) {
  return sql<string>`'[' || coalesce(string_agg(cast(${element} as text), ','), '') || ']'`;
}

async function lockRegistry(trx: Kysely<Tables>, appid: string): Promise<void> {
  const lock = () => trx.selectFrom('registries').select('appid').where('appid', '=', appid).forUpdate().execute();
  if ((await lock()).length > 0) return;
  await trx
    .insertInto('registries')
    .values({ appid, groups: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // The row may be another transaction's, which has committed by now.
  await lock();
}
