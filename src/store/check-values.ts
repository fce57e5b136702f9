/** Reads and decrypts every value that is encrypted, and names the rows in which one is damaged. */
import type { KeyObject } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { installation } from './audit/trail.ts';
import { decrypt, type Place } from './encryption/cipher.ts';
import type { MasterKey } from './encryption/master-key.ts';
import type { Tables } from './tables.ts';

/** A row whose value is damaged, or which cannot be read. */
export interface DamagedRow {
  readonly table: string;
  readonly appid: string;
  /** The row's key within the appid: a face id first, where the table is about faces. Empty if rows cannot be told apart. */
  readonly row: readonly string[];
  /** What was found. */
  readonly found: string;
}

/** Called with how many of how many values were read. */
export type OnChecking = (done: number, total: number) => void;

/** Rows that are read at once. */
const batchSize = 500;

/** The tables with encrypted values: what tells their rows apart within an appid, and the column of the value. */
const tables = {
  keys: { key: ['secret_id'], value: 'encrypted_key' },
  embeddings: { key: ['face_id', 'model'], value: 'embedding' },
  crops: { key: ['face_id'], value: 'crop' },
  corrections: { key: ['id'], value: 'encrypted_undo' },
  proposals: { key: ['id'], value: 'encrypted_finding' },
} as const satisfies Partial<Record<Place[0], { readonly key: readonly string[]; readonly value: string }>>;

/** The name of a table with encrypted values. */
export type ValueTable = keyof typeof tables;

type Row = Readonly<Record<string, string | Uint8Array>>;

/** What is checked, and what is called with the progress. */
export interface CheckOptions {
  readonly onProgress?: OnChecking;
  /** The tables to check; all of them if absent. */
  readonly names?: readonly ValueTable[];
}

/** Checks every value of the tables, of every appid that has a data key. */
export async function checkValues(
  db: Kysely<Tables>,
  master: MasterKey,
  { onProgress = () => {}, names = Object.keys(tables) as ValueTable[] }: CheckOptions = {},
): Promise<readonly DamagedRow[]> {
  const damaged: DamagedRow[] = [];
  const total = await countAll(db, names);
  let done = 0;
  for (const { appid, wrapped } of await db.selectFrom('data_keys').selectAll().orderBy('appid').execute()) {
    const key = open(master, appid, wrapped);
    if (key instanceof Error) {
      damaged.push({ table: 'data_keys', appid, row: [], found: key.message });
      continue;
    }
    // The installation's own key encrypts no values.
    if (appid === installation) continue;
    for (const table of names) {
      const part = { db, table, appid, key };
      for await (const { count, faults } of checkTable(part)) {
        damaged.push(...faults);
        done += count;
        onProgress(Math.min(done, total), total);
      }
    }
  }
  return damaged;
}

/** Faces that lost their embeddings or their crop. */
export async function findIncomplete(db: Kysely<Tables>): Promise<readonly DamagedRow[]> {
  const lists = (['embeddings', 'crops'] as const).map(async (table) => {
    const { rows } = await sql<{ appid: string; face_id: string }>`
      select appid, face_id from faces where not exists (select 1 from ${sql.table(table)} as other
        where other.appid = faces.appid and other.face_id = faces.face_id)`.execute(db);
    return rows.map(({ appid, face_id }) => ({ table, appid, row: [face_id], found: 'the row is missing' }));
  });
  return (await Promise.all(lists)).flat();
}

/** One table of one appid. */
interface Part {
  readonly db: Kysely<Tables>;
  readonly table: ValueTable;
  readonly appid: string;
  readonly key: KeyObject;
}

class MissingRowError extends Error {}

/** Batch by batch: how many rows it had, and which are damaged. */
async function* checkTable(part: Part): AsyncGenerator<{ count: number; faults: readonly DamagedRow[] }, void> {
  const { key } = tables[part.table];
  let after: readonly string[] = key.map(() => '');
  for (;;) {
    const rows = await tried(() => select(part, after, true));
    // What cannot be read at once is read row by row, by the keys, which stand in an index of their own.
    const keys = rows instanceof Error ? await tried(() => select(part, after, false)) : rows;
    if (keys instanceof Error) {
      yield { count: 0, faults: [{ table: part.table, appid: part.appid, row: [], found: keys.message }] };
      return;
    }
    const suspects = rows instanceof Error ? keys : keys.filter((row) => tryDecrypting(part, row) !== undefined);
    yield { count: keys.length, faults: await damagedOf(part, suspects) };
    const last = keys.at(-1);
    if (last === undefined || keys.length < batchSize) return;
    after = keyOf(part, last);
  }
}

/** Those that are damaged when they are read by themselves; one that is not there any more was erased meanwhile. */
async function damagedOf(part: Part, suspects: readonly Row[]): Promise<readonly DamagedRow[]> {
  const damaged: DamagedRow[] = [];
  for (const suspect of suspects) {
    const row = keyOf(part, suspect);
    const found = await tried(() => selectOne(part, row));
    const fault = found instanceof Error ? found : tryDecrypting(part, found);
    if (fault === undefined || fault instanceof MissingRowError) continue;
    damaged.push({ table: part.table, appid: part.appid, row, found: fault.message });
  }
  return damaged;
}

async function select(
  { db, table, appid }: Part,
  after: readonly string[],
  withValue: boolean,
): Promise<readonly Row[]> {
  const { key, value } = tables[table];
  const columns = withValue ? [...key, value] : key;
  const { rows } = await sql<Row>`select ${list(columns)} from ${sql.table(table)} where appid = ${appid}
    and (${list(key)}) > (${sql.join(after)}) order by ${list(key)} limit ${batchSize}`.execute(db);
  return rows;
}

async function selectOne({ db, table, appid }: Part, row: readonly string[]): Promise<Row> {
  const { key, value } = tables[table];
  const { rows } = await sql<Row>`select ${list([...key, value])} from ${sql.table(table)}
    where appid = ${appid} and (${list(key)}) = (${sql.join(row)})`.execute(db);
  if (rows[0] === undefined) throw new MissingRowError('the row is missing');
  return rows[0];
}

function list(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

function keyOf({ table }: Part, row: Row): readonly string[] {
  return tables[table].key.map((column) => String(row[column]));
}

function tryDecrypting(part: Part, row: Row): Error | undefined {
  try {
    decrypt(part.key, row[tables[part.table].value] as Uint8Array, [part.table, ...keyOf(part, row)]);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function open(master: MasterKey, appid: string, wrapped: Uint8Array): KeyObject | Error {
  try {
    return master.unwrap(appid, wrapped);
  } catch (error) {
    return error as Error;
  }
}

async function tried<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error as Error;
  }
}

/** 0 of a table that cannot be counted: its faults are told when it is read. */
async function countAll(db: Kysely<Tables>, names: readonly ValueTable[]): Promise<number> {
  let total = 0;
  for (const name of names) {
    const counted = await tried(() =>
      sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db),
    );
    total += counted instanceof Error ? 0 : (counted.rows[0]?.rows ?? 0);
  }
  return total;
}
