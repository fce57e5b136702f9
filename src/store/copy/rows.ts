/** Makes a table of one register hold the same rows as that of another, whatever it held before. */
import { type Kysely, sql } from 'kysely';

/** A row as any database gives it. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>;

/** A table of which the columns are not known. */
export type AnyDb = Kysely<Record<string, Row>>;

/** A table, and the rows of it that are meant. */
export interface RowsOf {
  readonly table: string;
  /** The columns of its primary key, in order. */
  readonly key: readonly string[];
  /** Of this appid only. */
  readonly appid?: string;
  /** Only rows in which this column is this or more. */
  readonly least?: { readonly column: string; readonly value: number } | undefined;
  /** What is to stand in the other register in the place of a row. */
  readonly changed?: (row: Row) => Row;
  /** Columns of which only the length is read, as a number under the same name. */
  readonly lengthsOf?: readonly string[];
}

/** Rows that are read or written at once. */
const batchSize = 500;
/** Parameters of one statement: SQLite takes 32,766. */
const parametersMax = 30_000;

/** The rows in the order of their keys, batch by batch. */
export async function* rowsInOrder(db: AnyDb, rows: RowsOf): AsyncGenerator<readonly Row[], void> {
  const { table, key, appid, least, lengthsOf = [] } = rows;
  let last: Row | undefined;
  for (;;) {
    const after = last;
    let query = db.selectFrom(table).limit(sql.lit(batchSize));
    for (const column of key) query = query.orderBy(sql.ref(column));
    query = lengthsOf.length === 0 ? query.selectAll() : query.select(key.map((column) => sql.ref(column).as(column)));
    for (const column of lengthsOf) query = query.select(sql<number>`octet_length(${sql.ref(column)})`.as(column));
    if (appid !== undefined) query = query.where('appid', '=', appid);
    if (least !== undefined) query = query.where(least.column, '>=', least.value);
    if (after !== undefined) {
      // As one comparison, which goes along the index.
      query = query.where(sql<boolean>`(${columns(key)}) > (${sql.join(key.map((column) => after[column]))})`);
    }
    const batch = (await query.execute()) as readonly Row[];
    if (batch.length > 0) yield batch;
    if (batch.length < batchSize) return;
    last = batch.at(-1);
  }
}

/**
 * Writes what differs.
 * @param onRead called with how many rows were compared.
 * @returns how many rows were written or deleted.
 */
export async function reconcileRows(
  from: AnyDb,
  to: AnyDb,
  rows: RowsOf,
  onRead: (count: number) => void = () => {},
): Promise<number> {
  let written = 0;
  const changes = { deleted: [] as Row[], inserted: [] as Row[] };
  const flush = async (): Promise<void> => {
    const { deleted, inserted } = changes;
    if (deleted.length + inserted.length === 0) return;
    await to.transaction().execute(async (trx) => {
      for (const row of deleted) await deleteRow(trx, rows, row);
      await insertRows(trx, rows.table, inserted);
    });
    written += deleted.length + inserted.length;
    changes.deleted = [];
    changes.inserted = [];
  };
  const { changed = (row) => row } = rows;
  for await (const pair of pairs(one(rowsInOrder(from, rows)), one(rowsInOrder(to, rows)), rows.key)) {
    onRead(1);
    const { theirs } = pair;
    const ours = pair.ours && changed(pair.ours);
    if (ours !== undefined && theirs !== undefined && isSame(ours, theirs)) continue;
    if (theirs !== undefined) changes.deleted.push(theirs);
    if (ours !== undefined) changes.inserted.push(ours);
    if (changes.deleted.length + changes.inserted.length >= batchSize) await flush();
  }
  await flush();
  return written;
}

/** Writes rows in as few statements as they fit in. */
export async function insertRows(to: AnyDb, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const count = Math.min(batchSize, Math.floor(parametersMax / Object.keys(first).length));
  for (let i = 0; i < rows.length; i += count) {
    await to
      .insertInto(table)
      .values(rows.slice(i, i + count))
      .execute();
  }
}

/** Whether two rows hold the same, whichever database each is from. */
export function isSame(a: Row, b: Row): boolean {
  return Object.keys(a).every((column) => isSameValue(a[column], b[column]));
}

function isSameValue(a: Row[string] | undefined, b: Row[string] | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}

/** The order of two rows by a key, which is that of both databases: texts by their bytes in UTF-8. */
export function compareKeys(a: Row, b: Row, key: readonly string[]): number {
  for (const column of key) {
    const [left, right] = [a[column], b[column]];
    const order =
      typeof left === 'number' ? left - (right as number) : Buffer.compare(bytesOf(left!), bytesOf(right as string));
    if (order !== 0) return order;
  }
  return 0;
}

function bytesOf(value: string | number | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
}

/** Rows of two tables side by side, in the order of their keys. */
async function* pairs(
  ours: AsyncGenerator<Row, void>,
  theirs: AsyncGenerator<Row, void>,
  key: readonly string[],
): AsyncGenerator<{ readonly ours: Row | undefined; readonly theirs: Row | undefined }, void> {
  let [left, right] = [(await ours.next()).value, (await theirs.next()).value];
  while (left || right) {
    const order = !left ? 1 : !right ? -1 : compareKeys(left, right, key);
    yield { ours: order <= 0 ? (left as Row) : undefined, theirs: order >= 0 ? (right as Row) : undefined };
    if (order <= 0) left = (await ours.next()).value;
    if (order >= 0) right = (await theirs.next()).value;
  }
}

async function* one(batches: AsyncGenerator<readonly Row[], void>): AsyncGenerator<Row, void> {
  for await (const batch of batches) yield* batch;
}

async function deleteRow(to: AnyDb, { table, key }: RowsOf, row: Row): Promise<void> {
  let query = to.deleteFrom(table);
  for (const column of key) query = query.where(column, '=', row[column] as string);
  await query.execute();
}

function columns(key: readonly string[]) {
  return sql.join(key.map((column) => sql.ref(column)));
}
