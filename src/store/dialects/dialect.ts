/** What databases do differently; each implements it in a folder of its own, and queries are written once. */
import type {
  AliasedRawBuilder,
  DialectAdapter,
  Kysely,
  QueryExecutorProvider,
  RawBuilder,
  SelectQueryBuilder,
  SqlBool,
} from 'kysely';
import type { IdList } from '../../domain/stores.ts';
import type { Tables } from '../tables.ts';
import type { Vectors } from '../vectors.ts';

/** An element of a list. */
export interface Element {
  /** Its place in the list, from 0. */
  readonly key: number;
  readonly value: string;
}

/** What a database says that refuses to be written to. */
export const refusedWrite = 'the register is being moved and takes no writes';

/** How the columns of a row come, in the order in which they are selected. */
export type Columns = Readonly<Record<string, 'text' | 'bytes'>>;

/** A query that has one row. */
export type OneRow<Row> = Pick<SelectQueryBuilder<Tables, never, Row>, 'executeTakeFirstOrThrow' | 'toOperationNode'>;

/** A database's way of saying what queries need. */
export interface Dialect {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** The type of a column of text, in which texts are ordered by their bytes. */
  readonly text: 'text' | RawBuilder<unknown>;
  /**
   * A JSON list of ids as a table called `asked`. It is one parameter, however long: a statement's text stays the same,
   * and is prepared once.
   */
  asked(list: string): AliasedRawBuilder<Element, 'asked'>;
  /** Whether a text is in a JSON list of ids, where it is asked for many rows. */
  isAmong(text: RawBuilder<unknown>, list: string): RawBuilder<SqlBool>;
  /** A column's texts as a JSON list, in the order in which the rows come; `JSON.stringify` writes ids the same way. */
  jsonList(column: string): RawBuilder<string>;
  /** The same as it is best handed over where it is long: as a text, or in UTF-8. */
  longJsonList(column: string): RawBuilder<IdList['json']>;
  /** The lengths of a column's bytes as a JSON list, in the order in which the rows come. */
  lengths(column: string): RawBuilder<string>;
  /** A column's bytes one after the other, in the order in which the rows come; null if there are no rows. */
  together(column: string): RawBuilder<Uint8Array | null>;
  /**
   * The only row of a query that has long bytes in it.
   * @param columns all that it selects: texts, and bytes, which get memory of their own.
   */
  longRow<Row>(db: Kysely<Tables>, query: OneRow<Row>, columns: Record<keyof Row, Columns[string]>): Promise<Row>;
  /** The smaller of two numbers. */
  smaller(a: RawBuilder<number>, b: number): RawBuilder<number>;
  /** A number, or 0 if it is negative. */
  atLeast0(value: RawBuilder<number>): RawBuilder<number>;
  /** The day of now by the database's clock, in days since 1970, in UTC. */
  readonly today: RawBuilder<number>;
  /** Keeps others from changing the rows that a query selects until the transaction ends. */
  forShare<Query extends { forShare(): Query }>(query: Query): Query;
  /** Leaves out rows that another transaction works on, and keeps others from those that are selected. */
  skipLocked<Query extends { forUpdate(): Query; skipLocked(): Query }>(query: Query): Query;
  /** Whether there is a table. */
  hasTable(db: Kysely<never>, name: string): Promise<boolean>;
  /** Has transactions that bring the database up to date take turns. */
  lockMigrations(trx: Kysely<never>): Promise<void>;
  /**
   * Has transactions that write to the registry of an appid take turns; undefined where all that write do so anyway. It
   * comes first in a transaction: whatever else is locked is locked after it, so that none waits in a circle.
   */
  readonly lockRegistry: ((trx: Kysely<Tables>, appid: string) => Promise<void>) | undefined;
  /**
   * Has the queries of a transaction find rows by indexes, where a planner would rather read whole tables for each of many
   * small queries; undefined where that is so anyway.
   */
  readonly preferIndexes: ((trx: Kysely<Tables>) => Promise<void>) | undefined;
  /** The embeddings that the database itself can search; undefined where it cannot. */
  readonly vectors: Vectors | undefined;
  /** Milliseconds since 1970 by the clock of the database. */
  now(): RawBuilder<number>;
  /**
   * The number that the next transaction gets that writes, and the lowest of those that have one and are not over: what has
   * happened before the first is seen by all once the second has reached it. Both are 0 where one transaction writes at a time.
   */
  readonly transactions: { next(): RawBuilder<number>; oldest(): RawBuilder<number> };
  /** Has transactions that add keys take turns. */
  lockKeys(trx: Kysely<Tables>): Promise<void>;
  /** Has the database refuse whatever is written to a table, by whichever process and version, from now on. */
  refuseWrites(db: Kysely<never>, table: string): Promise<void>;
  /** Ends that. */
  takeWrites(db: Kysely<never>, table: string): Promise<void>;
}

/** An adapter of Kysely's that knows its dialect. */
export interface AdapterWithDialect extends DialectAdapter {
  readonly dialect: Dialect;
  /** As {@link sendsAtOnce} tells; an executor is wrapped in others, its adapter is not. */
  readonly sendsAtOnce?: boolean;
}

/** Whether the statements of a transaction are sent as they are given; else each waits for the answer of the one before. */
export function sendsAtOnce(trx: QueryExecutorProvider): boolean {
  return (trx.getExecutor().adapter as AdapterWithDialect).sendsAtOnce === true;
}

/** The dialect of a handle, or of a transaction. */
export function dialectOf(db: QueryExecutorProvider): Dialect {
  return (db.getExecutor().adapter as AdapterWithDialect).dialect;
}
