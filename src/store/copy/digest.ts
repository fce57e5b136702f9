/** A digest of what an appid keeps, the same for two registers that hold the same. */
import { createHash, type Hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type TableKind, tableKinds } from '../table-kinds.ts';
import type { Tables } from '../tables.ts';
import { type AnyDb, type Row, rowsInOrder } from './rows.ts';

/** What an appid keeps, in numbers. */
export interface AppidDigest {
  /** Rows of each table. */
  readonly counts: Readonly<Record<string, number>>;
  /** SHA-256 of all rows in the order of their keys, in hexadecimal digits; of embeddings and crops their keys and lengths. */
  readonly sha256: string;
}

/** The columns of which the length is enough: their bytes were compared when they were written, and never change. */
const lengths: Readonly<Record<string, readonly string[]>> = { embeddings: ['embedding'], crops: ['crop'] };

/** The tables that are copied with persons. */
const tables = (Object.entries(tableKinds) as [string, TableKind][]).filter(
  ([, kind]) => kind.copied === 'with persons',
);

/** Digests what an appid keeps. */
export async function digestOf(db: Kysely<Tables>, appid: string): Promise<AppidDigest> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  for (const [table, { key }] of tables) {
    counts[table] = 0;
    const lengthsOf = lengths[table] ?? [];
    for await (const batch of rowsInOrder(db as unknown as AnyDb, { table, key, appid, lengthsOf })) {
      counts[table] += batch.length;
      for (const row of batch) update(hash, table, row);
    }
  }
  return { counts, sha256: hash.digest('hex') };
}

/** Columns come in another order from each database. */
function update(hash: Hash, table: string, row: Row): void {
  const columns = Object.keys(row).sort();
  hash.update(JSON.stringify([table, ...columns.map((column) => row[column])]));
}
