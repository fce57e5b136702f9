/** Searches by pgvector, and what they have to find. */
import type { Kysely } from 'kysely';
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import type { Store } from '../../src/domain/stores.ts';
import { openPostgresToRead } from '../../src/store/dialects/postgres/database.ts';
import type { Stores } from '../../src/store/open.ts';
import type { SearchOrder } from '../../src/store/search/order.ts';
import { type Reading, searchRows } from '../../src/store/search/stream.ts';
import type { Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import type { Random } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import { stranger } from '../search/vectors.ts';
import { face, limits, person } from '../store/fixtures.ts';

/** The appid of all of them. */
export const appid = '1001';
export const model = 'sha256:0123456789abcdef';
export const dimension = 16;
/** Has every search ask for vectors, where there are any. */
const always: Reading = { batchSize: 1_000, fewMembers: 0, fewShare: 0, lookedUpMax: 0, graphMembers: 0 };

/** A vector of length 1. */
export function vector(random: Random): Float32Array {
  return stranger(() => random.below(2 ** 30) / 2 ** 30, dimension);
}

/** Registers a person of one face to four, in one or two groups. */
export async function register(store: Store, i: number, random: Random): Promise<void> {
  await store.write(async (inner) => {
    await inner.insertPerson(person(`p${i}`));
    await inner.joinGroups(`p${i}`, random.oneIn(2) ? ['g'] : ['g', 'h'], limits);
    for (let faces = 0; faces <= random.below(4); faces++) {
      const id = `${10_000 + i * 10 + faces}`;
      await inner.insertFace({ ...face(id, `p${i}`), model, embedding: vector(random) }, limits);
    }
  });
}

/** What a plain search finds. */
export async function expected(stores: Stores, query: GalleryQuery) {
  const oracle = new Oracle();
  for await (const batch of stores.feedOf(appid).contents(model, 1_000)) await oracle.apply(batch);
  return oracle.nearest(query);
}

/** Searches the database by vectors if there are any. */
export async function search(url: string, query: GalleryQuery) {
  await using opened = openPostgresToRead(url);
  const lists = await searchRows(opened.db, await orderOf(opened.db, query), always);
  return lists.map((list) => list.map((found) => ({ personId: found.person, faceId: `${found.faceId}` })));
}

/** What a thread is told of a search. */
export async function orderOf(db: Kysely<Tables>, { probes, groupIds, count }: GalleryQuery): Promise<SearchOrder> {
  const { wrapped } = await db
    .selectFrom('data_keys')
    .select('wrapped')
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  const key = (await masterKey(undefined)).unwrap(appid, wrapped);
  return { appid, groupIds, model, probes, count, key, wrapped, given: new SharedArrayBuffer(4) };
}

/** Queries of few and of many. */
export function someQueries(random: Random): readonly GalleryQuery[] {
  return [
    { probes: [vector(random), vector(random)], groupIds: ['g'], count: 5 },
    { probes: [vector(random)], groupIds: ['h', 'nobody'], count: 1 },
    { probes: [vector(random)], groupIds: ['g', 'h'], count: 300 },
  ];
}
