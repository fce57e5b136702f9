/** Reads lists of ids as the JSON that is sent: the database encodes them, row by row. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { IdList } from '../domain/stores.ts';
import { jsonList } from './dialects/expressions.ts';
import { prepare } from './prepared.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

const encoder = new TextEncoder();

/** Says that a list is too long to be read on this thread; the same query is made again in another one. */
export class LongList extends Error {
  override readonly name = 'LongList';
}

/** Longest list that is encoded here: what the database takes to encode one is worth it from some dozens of ids on. */
const shortMax = 32;

/** Selects the ids of one person, in their order. */
export type IdsOfPerson<TB extends keyof Tables> = (
  db: Kysely<Tables>,
  of: { readonly appid: string; readonly personId: string },
) => SelectQueryBuilder<Tables, TB, { id: string }>;

/**
 * Prepares to read the ids of a person, which are few for nearly everybody: a plain query reads them, and a list that is
 * longer is read as {@link readIds} does.
 */
export function prepareIds<TB extends keyof Tables>(
  select: IdsOfPerson<TB>,
): (scope: Scope, personId: string) => Promise<IdList> {
  const few = prepare((db: Kysely<Tables>, of: { appid: string; personId: string }) =>
    select(db, of).limit(shortMax + 1),
  );
  return async (scope, personId) => {
    const of = { appid: scope.appid, personId };
    const ids = (await few(scope.db, of)).map(({ id }) => id);
    if (ids.length > shortMax) return readIds(scope, select(scope.db, of));
    return { length: ids.length, json: encoder.encode(JSON.stringify(ids)) };
  };
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
