/** Runs SQL on one SQLite connection, in any thread. */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

/** What a statement takes. */
export type SqlValue = SQLInputValue;

/** A row as SQLite gives it. */
export type SqlRow = Record<string, SQLOutputValue>;

/** What came of a statement. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** How many rows it wrote; 0 for one that gives rows. */
  readonly changes: number;
}

/** How to open a file. */
export interface ConnectionOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** How long a statement waits for another connection's lock, in milliseconds; the thread sleeps meanwhile. */
  readonly busyTimeoutMs: number;
}

/** Prepared statements that a connection keeps; far more than there are queries. */
const statementsMax = 256;

interface PreparedStatement {
  readonly statement: StatementSync;
  /** Whether it is one that gives rows, be there none; a schema that changes may change which, but not that. */
  readonly givesRows: boolean;
}

/** A statement whose rows are lists of values. */
interface PreparedQuery {
  readonly statement: StatementSync;
  /** The names of its columns. A migration of a newer version adds some behind them, which nobody here asks for. */
  readonly columns: readonly string[];
}

/** One connection and its prepared statements. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, PreparedStatement>();
  readonly #queries = new Map<string, PreparedQuery>();

  constructor({ file, readOnly, busyTimeoutMs }: ConnectionOptions) {
    this.#database = new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs });
  }

  /** Whether a transaction is open. */
  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs one statement. */
  run(sql: string, parameters: readonly SqlValue[] = []): SqlResult {
    const { statement, givesRows } = this.#statements.get(sql) ?? this.#prepare(sql);
    if (givesRows) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  /** Runs a statement that gives rows. They have a prototype, unlike those of {@link run}, and take less than half as long. */
  read(sql: string, parameters: readonly SqlValue[] = []): SqlRow[] {
    const { statement, columns } = this.#queries.get(sql) ?? this.#prepareQuery(sql);
    const rows = statement.all(...parameters) as unknown as readonly (readonly SQLOutputValue[])[];
    return rows.map((values) => rowOf(columns, values));
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): PreparedStatement {
    if (this.#statements.size === statementsMax) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    const prepared = { statement, givesRows: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #prepareQuery(sql: string): PreparedQuery {
    if (this.#queries.size === statementsMax) this.#queries.clear();
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    const query = { statement, columns: statement.columns().map(({ name }) => name) };
    this.#queries.set(sql, query);
    return query;
  }
}

function rowOf(columns: readonly string[], values: readonly SQLOutputValue[]): SqlRow {
  const row: SqlRow = {};
  for (let at = 0; at < columns.length; at += 1) row[columns[at]!] = values[at]!;
  return row;
}
