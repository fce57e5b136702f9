/** Reads lists of ids as the JSON that is sent: the database encodes them, in the statement that reads the rest. */
import type { Compilable, Kysely, SelectQueryBuilder } from 'kysely';
import { sql } from 'kysely';
import type { IdList } from '../domain/stores.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { prepare } from './prepared.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Says that a list is too long to be read on this thread; the same query is made again in another one. */
export class LongList extends Error {
  override readonly name = 'LongList';
}

/** Makes a column of the ids that a query selects, in its order. */
export type ListOf = <TB extends keyof Tables>(
  ids: SelectQueryBuilder<Tables, TB, { id: string }>,
) => SelectQueryBuilder<{ batch: { id: string } }, 'batch', { list: IdList['json'] }>;

/**
 * Prepares a query with lists of ids among its columns. Ids hold no character that databases escape in another way than
 * `JSON.stringify`.
 * @param build builds it. No other column of it may be null.
 * @returns runs it. @throws LongList if a list is longer than the scope has read here.
 */
export function prepareLists<Values extends object, Row extends object>(
  build: (db: Kysely<Tables>, values: Values, listOf: ListOf) => Compilable<Row>,
): (scope: Scope, values: Values) => Promise<Row[]> {
  // A list that is longer is null, and no longer than that is read of it.
  const shortUpTo = (most: number) =>
    prepare((db: Kysely<Tables>, values: Values) =>
      build(db, values, (ids) =>
        db
          .selectFrom(ids.limit(constant(most + 1)).as('batch'))
          .select(
            sql<string>`case when count(*) <= ${constant(most)} then ${dialectOf(db).jsonList('id')} end`.as('list'),
          ),
      ),
    );
  const short = new Map<number, ReturnType<typeof shortUpTo>>();
  const whole = prepare((db: Kysely<Tables>, values: Values) =>
    build(db, values, (ids) => db.selectFrom(ids.as('batch')).select(dialectOf(db).longJsonList('id').as('list'))),
  );
  return ({ db, listMax }, values) => {
    if (listMax === undefined) return whole(db, values);
    let query = short.get(listMax);
    if (query === undefined) {
      query = shortUpTo(listMax);
      short.set(listMax, query);
    }
    return query(db, values).then(refuseLong);
  };
}

/** @throws LongList if a list of any row is null. */
function refuseLong<Row extends object>(rows: Row[]): Row[] {
  for (const row of rows) for (const name in row) if (row[name] === null) throw new LongList();
  return rows;
}

/**
 * Prepares a query that is nothing but a list of ids.
 * @param select selects them; at least one row is there, whatever it selects.
 */
export function prepareIds<Values extends { readonly appid: string }, TB extends keyof Tables>(
  select: (db: Kysely<Tables>, values: Values) => SelectQueryBuilder<Tables, TB, { id: string }>,
): (scope: Scope, values: Omit<Values, 'appid'>) => Promise<IdList> {
  const query = prepareLists((db, values: Values, listOf) => listOf(select(db, values)));
  return async (scope, values) => {
    const [row] = await query(scope, { ...values, appid: scope.appid } as Values);
    return { json: row!.list };
  };
}

/** A list; undefined in the place of one that is empty. */
export function unlessEmpty(list: IdList): IdList | undefined {
  return list.json.length === '[]'.length ? undefined : list;
}
