/** SQLite's way of saying what queries need. */
import { sql } from 'kysely';
import { type Dialect, type Element, refusedWrite } from '../dialect.ts';

/** SQLite; one transaction writes at a time, so nothing needs to be locked within one. */
export const sqlite: Dialect = {
  name: 'SQLite',
  text: 'text',
  asked: (list) => sql<Element>`json_each(${list})`.as('asked'),
  isAmong: (text, list) => sql`${text} in (select value from json_each(${list}))`,
  jsonList: (column) => sql<string>`json_group_array(${sql.ref(column)})`,
  longJsonList: (column) => sql<Uint8Array>`cast(json_group_array(${sql.ref(column)}) as blob)`,
  lengths: (column) => sql<string>`json_group_array(length(${sql.ref(column)}))`,
  // SQLite puts together texts only, and takes any bytes for one: it converts nothing and stops at nothing in a database
  // of UTF-8, which ours are.
  together: (column) => sql<Uint8Array | null>`cast(group_concat(${sql.ref(column)}, '') as blob)`,
  longRow: async (_, query) => query.executeTakeFirstOrThrow(),
  smaller: (a, b) => sql<number>`min(${a}, ${b})`,
  atLeast0: (value) => sql<number>`max(0, ${value})`,
  today: sql<number>`unixepoch() / 86400`,
  forShare: (query) => query,
  skipLocked: (query) => query,
  async hasTable(db, name) {
    const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
    return tables.some((table) => table.name === name);
  },
  async lockMigrations() {},
  lockRegistry: undefined,
  preferIndexes: undefined,
  vectors: undefined,
  now: () => sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  transactions: { next: () => sql<number>`0`, oldest: () => sql<number>`0` },
  async lockKeys() {},
  async refuseWrites(db, table) {
    await db.transaction().execute(async (trx) => {
      for (const write of writes) {
        await sql`create trigger if not exists ${sql.ref(triggerOf(table, write))} before ${sql.raw(write)} on ${sql.table(table)}
          begin select raise(abort, ${sql.lit(refusedWrite)}); end`.execute(trx);
      }
    });
  },
  async takeWrites(db, table) {
    await db.transaction().execute(async (trx) => {
      for (const write of writes) await sql`drop trigger if exists ${sql.ref(triggerOf(table, write))}`.execute(trx);
    });
  },
};

const writes = ['insert', 'update', 'delete'] as const;

function triggerOf(table: string, write: (typeof writes)[number]): string {
  return `refused_${write}_${table}`;
}
