/** Reads lists of ids as the JSON that is sent: the database encodes them, row by row. */
import { type SelectQueryBuilder, sql } from 'kysely';
import type { IdList } from '../domain/stores.ts';
import { jsonList } from './dialects/expressions.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Says that a list is too long to be read on this thread; the same query is made again in another one. */
export class LongList extends Error {
  override readonly name = 'LongList';
}

/**
 * The ids that a query selects, in its order. Ids hold no character that databases escape in another way than
 * `JSON.stringify`.
 * @throws LongList if there are more than the scope has read here.
 */
export async function readIds<TB extends keyof Tables>(
  { db, listMax }: Scope,
  ids: SelectQueryBuilder<Tables, TB, { id: string }>,
): Promise<IdList> {
  const some = listMax === undefined ? ids : ids.limit(listMax + 1);
  const { length, json } = await db
    .selectFrom(some.as('batch'))
    .select(sql<number>`count(*)`.as('length'))
    .select(jsonList('id').as('json'))
    .executeTakeFirstOrThrow();
  if (listMax !== undefined && length > listMax) throw new LongList();
  return { length, json };
}
