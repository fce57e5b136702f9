/** Queries whose SQL is made once: to build and compile one takes longer than to run it. */
import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Stands for a value while a query is compiled. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Compiles a query for a database, or for a transaction of it, with some values. */
export type Compile<DB, Values, Row> = (db: Kysely<DB>, values: Values) => CompiledQuery<Row>;

/**
 * Compiles a query that is the same for all values once.
 * @param build builds it; called once for each database that it runs on. It must hand on the values as they are.
 */
export function compileOnce<DB, Values extends object, Row>(
  build: (db: Kysely<DB>, values: Values) => Compilable<Row>,
): Compile<DB, Values, Row> {
  /** By what a database has in common with its transactions. */
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  const placeholders = new Proxy({} as Values, { get: (_, name) => new Placeholder(String(name)) });
  return (db, values) => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(db, placeholders).compile();
      compiled.set(adapter, query);
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    const { sql, query: node, queryId } = query;
    return { sql, query: node, queryId, parameters };
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
  return (db, values) => db.getExecutor().executeQuery(compile(db, values)).then(rowsOf);
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
