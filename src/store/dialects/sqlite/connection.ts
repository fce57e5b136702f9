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

/** One connection and its prepared statements. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, PreparedStatement>();

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
}
