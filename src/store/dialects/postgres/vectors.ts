/** Embeddings as vectors of pgvector, in a table beside the encrypted ones. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../tables.ts';
import type { NearVector, VectorOf, VectorQuery, VectorState, Vectors } from '../../vectors.ts';
import { isAmong } from './among.ts';
import { lookUps, type Parameters, planBy } from './planning.ts';

/** The number of the only row of `vector_search`. */
export const onlyRow = 1;

/** How many neighbours HNSW keeps in view: the more, the fewer it misses. */
export const efSearch = 400;

/** What the installation keeps. */
export async function stateOf(db: Kysely<Tables>): Promise<VectorState> {
  const { rows } = await sql<{
    state: VectorState;
  }>`select state from vector_search where id = ${sql.lit(onlyRow)}`.execute(db);
  return rows[0]!.state;
}

/** A vector as pgvector reads it: each number comes back to the last bit. */
export function textOf(embedding: Float32Array): string {
  return `[${embedding.join(',')}]`;
}

/** The vectors of PostgreSQL. */
export const vectors: Vectors = {
  async insert(trx, vector) {
    const state = await stateOf(trx);
    if (state !== 'off' && state !== 'emptying') await insertAll(trx, [vector]);
  },
  async giveTo(trx, appid, faceIds, personId) {
    if ((await stateOf(trx)) === 'off') return;
    await sql`update vectors set person_id = ${personId}
      where appid = ${appid} and ${isAmong(sql`face_id`, faceIds)}`.execute(trx);
  },
  async indexOf(trx) {
    const state = await stateOf(trx);
    return state === 'exact' || state === 'hnsw' ? state : undefined;
  },
  nearest: (trx, query) => (query.index === 'exact' ? nearestOfAll(trx, query) : nearestByGraph(trx, query)),
};

/** Writes vectors; one that is there already stays. */
export async function insertAll(trx: Kysely<Tables>, rows: readonly VectorOf[]): Promise<void> {
  const column = (read: (row: VectorOf) => string) => JSON.stringify(rows.map(read));
  await sql`
    insert into vectors (appid, face_id, model, person_id, embedding)
    select appid, face_id, model, person_id, cast(embedding as vector) from rows from (
      jsonb_array_elements_text(cast(${column(({ appid }) => appid)} as jsonb)),
      jsonb_array_elements_text(cast(${column(({ faceId }) => faceId)} as jsonb)),
      jsonb_array_elements_text(cast(${column(({ model }) => model)} as jsonb)),
      jsonb_array_elements_text(cast(${column(({ personId }) => personId)} as jsonb)),
      jsonb_array_elements_text(cast(${column(({ embedding }) => textOf(embedding))} as jsonb))
    ) as given(appid, face_id, model, person_id, embedding)
    on conflict do nothing`.execute(trx);
}

/** Looks at every vector of the groups' members; more than one process may. */
function nearestOfAll(trx: Kysely<Tables>, query: VectorQuery): Promise<readonly NearVector[]> {
  const { appid, groupIds } = query;
  const members = sql`exists (${membershipsOf(appid, groupIds)})`;
  return foundBy(trx, query, allPlan, sql`embedding <#> cast(${textOf(query.probe)} as vector)`, members);
}

/** The planner's own choice, and the number of processes as it is set. */
const allPlan = {
  enable_hashjoin: 'on',
  enable_mergejoin: 'on',
  enable_seqscan: 'on',
  enable_sort: 'on',
  jit: 'off',
} as const;

/**
 * Walks the graph until enough vectors of the groups' members are found, or too many were seen. The expressions are those of
 * the index, without which it is not used.
 */
function nearestByGraph(trx: Kysely<Tables>, query: VectorQuery): Promise<readonly NearVector[]> {
  const type = sql.raw(`vector(${query.probe.length})`);
  const { appid, groupIds } = query;
  // A subquery for each vector that the walk comes to: a join would not keep their order.
  const members = sql`(${membershipsOf(appid, groupIds)} limit 1) = 1`;
  const distance = sql`cast(embedding as ${type}) <#> cast(${textOf(query.probe)} as ${type})`;
  return foundBy(trx, query, graphPlan, distance, members);
}

/** Nothing but the graph gives vectors in their order; candidates are compared anew, so that theirs may be rough. */
const graphPlan = {
  'hnsw.ef_search': String(efSearch),
  'hnsw.iterative_scan': 'relaxed_order',
  enable_seqscan: 'off',
  enable_sort: 'off',
  jit: 'off',
} as const;

/** The memberships of a vector's person in some groups. */
function membershipsOf(appid: string, groupIds: string): ReturnType<typeof sql> {
  return sql`select 1 from memberships where memberships.appid = ${appid}
    and memberships.person_id = vectors.person_id and ${isAmong(sql`memberships.group_id`, groupIds)}`;
}

async function foundBy(
  trx: Kysely<Tables>,
  { appid, model, limit }: VectorQuery,
  plan: Parameters,
  distance: ReturnType<typeof sql>,
  isMember: ReturnType<typeof sql>,
): Promise<readonly NearVector[]> {
  const [, { rows }] = await Promise.all([
    planBy(trx, plan),
    sql<{ face_id: string; distance: number }>`
      select face_id, ${distance} as distance from vectors
      where appid = ${appid} and model = ${sql.lit(model)} and ${isMember}
      order by distance limit ${sql.lit(limit)}`.execute(trx),
    // The candidates are looked up next. Without a sort they would be found by reading every face of the appid in order.
    planBy(trx, lookUps),
  ]);
  // pgvector gives the negative product, since PostgreSQL's indexes know ascending order only.
  return rows.map((row) => ({ faceId: row.face_id, score: -row.distance }));
}

/** The name of the index of a model's vectors. */
export function graphNameOf(model: string, dimension: number): string {
  const digest = model.replaceAll(/[^0-9a-z]/gi, '').toLowerCase();
  return `vectors_hnsw_${dimension}_${digest.slice(-24)}`;
}

/** The statement that makes the index of a model's vectors. */
export function graphStatement(model: string, dimension: number): ReturnType<typeof sql> {
  const name = sql.ref(graphNameOf(model, dimension));
  const type = sql.raw(`vector(${dimension})`);
  return sql`create index concurrently ${name} on vectors using hnsw ((cast(embedding as ${type})) vector_ip_ops)
    where model = ${sql.lit(model)}`;
}
