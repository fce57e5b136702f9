/** Queries whose SQL is made once: to build and compile one takes longer than to run it. */
import { createHash } from 'node:crypto';
import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Stands for a value while a query is compiled. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A query whose SQL is the same whatever its values. */
export type PreparedQuery<Row> = CompiledQuery<Row> & {
  /** The same for the same SQL: under it a database can keep the query parsed and planned. */
  readonly name: string;
};

/** The name of a query whose SQL never changes; undefined for any other one. */
export function nameOf(query: CompiledQuery): string | undefined {
  return (query as Partial<PreparedQuery<unknown>>).name;
}

/** Compiles a query for a database, or for a transaction of it, with some values. */
export type Compile<DB, Values, Row> = (db: Kysely<DB>, values: Values) => PreparedQuery<Row>;

/**
 * Compiles a query that is the same for all values once.
 * @param build builds it; called once for each database that it runs on. It must hand on the values as they are.
 */
export function compileOnce<DB, Values extends object, Row>(
  build: (db: Kysely<DB>, values: Values) => Compilable<Row>,
): Compile<DB, Values, Row> {
  /** By what a database has in common with its transactions. */
  const compiled = new WeakMap<object, PreparedQuery<Row>>();
  const placeholders = new Proxy({} as Values, { get: (_, name) => new Placeholder(String(name)) });
  return (db, values) => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      const made = build(db, placeholders).compile();
      query = { ...made, name: createHash('sha256').update(made.sql).digest('base64url').slice(0, 22) };
      compiled.set(adapter, query);
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    const { sql, query: node, queryId, name } = query;
    return { sql, query: node, queryId, parameters, name };
  };
}

/**
 * Prepares a query that is the same for all values, as {@link compileOnce} does.
 * @returns runs it: on a database, or in a transaction of it.
 */
export function prepare<DB, Values extends object, Row>(
  build: (db: Kysely<DB>, values: Values) => Compilable<Row>,
): (db: Kysely<DB>, values: Values) => Promise<Row[]> {
  const compile = compileOnce(build);
  return (db, values) => db.getExecutor().executeQuery<Row>(compile(db, values)).then(rowsOf);
}

function rowsOf<Row>({ rows }: QueryResult<Row>): Row[] {
  return rows;
}

/**
 * Prepares a statement that writes, as {@link compileOnce} does.
 * @returns runs it; resolves to how many rows it wrote.
 */
export function prepareWrite<DB, Values extends object>(
  build: (db: Kysely<DB>, values: Values) => Compilable<unknown>,
): (db: Kysely<DB>, values: Values) => Promise<number> {
  const compile = compileOnce(build);
  return async (db, values) => {
    const { numAffectedRows } = await db.getExecutor().executeQuery(compile(db, values));
    return Number(numAffectedRows ?? 0n);
  };
}
