/** Divides tables by appid among the machines of a Citus cluster, and tells which are. */
import { type Kysely, sql } from 'kysely';
import { callTableKinds, type TableKind, tableKinds } from '../../table-kinds.ts';
import { postgres } from './dialect.ts';

/** The kinds of the tables, those first to which others have foreign keys. */
const kinds: readonly (readonly [name: string, kind: Pick<TableKind, 'spread'>])[] = Object.entries({
  ...tableKinds,
  ...callTableKinds,
});
/** The table of vectors, which is there where an installation keeps them. */
const vectors = ['vectors', { spread: 'appid' }] as const;
/** The table that all other divided tables are divided like. */
export const firstSpread = 'registries';

/** Whether the tables of a register are divided over machines. */
export async function isDistributed(db: Kysely<never>): Promise<boolean> {
  if (!(await postgres.hasTable(db, 'pg_dist_partition'))) return false;
  return (await spreadBefore(db)).has(firstSpread);
}

/** Spreads the tables of which the register has new ones, if the others are spread; part of bringing it up to date. */
export async function distributeNewTables(trx: Kysely<never>): Promise<void> {
  if (await isDistributed(trx)) await spreadTables(trx, 0);
}

/** Spreads those of the tables that are not. @returns their names. */
export async function spreadTables(trx: Kysely<never>, shards: number): Promise<readonly string[]> {
  const before = await spreadBefore(trx);
  const all = (await postgres.hasTable(trx, vectors[0])) ? [...kinds, vectors] : kinds;
  const todo = all.filter(([name, { spread }]) => spread !== 'coordinator' && !before.has(name));
  if (todo.length === 0) return [];
  const names = todo.map(([name]) => name);
  // Foreign keys between two tables hold only once both are spread; and then each machine is spoken to once at a time.
  await sql`set local citus.multi_shard_modify_mode to 'sequential'`.execute(trx);
  const links = await foreignKeysOf(trx, names);
  for (const { table, name } of links) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(name)}`.execute(trx);
  }
  for (const [name, { spread }] of todo) {
    if (spread === 'everywhere') await sql`select create_reference_table(${name})`.execute(trx);
    else if (name === firstSpread) {
      await sql`select create_distributed_table(${name}, 'appid', colocate_with => 'none', shard_count => ${sql.lit(shards)})`.execute(
        trx,
      );
    } else await sql`select create_distributed_table(${name}, 'appid', colocate_with => ${firstSpread})`.execute(trx);
  }
  for (const { table, name, definition } of links) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(trx);
  }
  // Otherwise what was on this machine stays on its disk, whoever is erased.
  for (const name of names.toReversed()) {
    await sql`select truncate_local_data_after_distributing_table(${name})`.execute(trx);
  }
  return names;
}

/** The tables that are spread, each with how. */
export async function spreadBefore(db: Kysely<never>): Promise<ReadonlyMap<string, 'divided' | 'everywhere'>> {
  const { rows } = await sql<{ name: string; method: string }>`
    select relname as name, partmethod as method from pg_dist_partition
    join pg_class on pg_class.oid = logicalrelid where pg_table_is_visible(logicalrelid)`.execute(db);
  return new Map(rows.map(({ name, method }) => [name, method === 'h' ? 'divided' : 'everywhere']));
}

async function foreignKeysOf(
  db: Kysely<never>,
  tables: readonly string[],
): Promise<readonly { readonly table: string; readonly name: string; readonly definition: string }[]> {
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select relname as "table", conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where contype = 'f' and conparentid = 0 and pg_table_is_visible(conrelid) and relname = any(${tables})
    order by conname`.execute(db);
  return rows;
}
