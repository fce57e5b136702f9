/** Has an installation keep its embeddings as vectors that PostgreSQL can search, or keep none. */
import { setTimeout } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { toEmbedding } from '../../embeddings.ts';
import type { DataKeys } from '../../encryption/data-keys.ts';
import type { Tables } from '../../tables.ts';
import type { OnVectors, VectorIndex, VectorState, VectorStatus, VectorSwitch } from '../../vectors.ts';
import { spreadBefore } from './spread.ts';
import { graphNameOf, graphStatement, insertAll, onlyRow, stateOf } from './vectors.ts';

/** Rows of one transaction: some 3 MB. */
const batchSize = 1_000;
/** How often it is looked whether older transactions have ended, and how long at most, in milliseconds. */
const [lookMs, waitMaxMs] = [50, 60_000];

/** What a switch works with. */
export interface VectorSwitchParts {
  /** Opens a handle whose statements may take as long as they need. The caller destroys it. */
  readonly open: () => Kysely<Tables>;
  readonly dataKeys: Pick<DataKeys, 'open'>;
}

/** Switches vectors on and off. */
export class PostgresVectorSwitch implements VectorSwitch {
  readonly #parts: VectorSwitchParts;

  constructor(parts: VectorSwitchParts) {
    this.#parts = parts;
  }

  status(): Promise<VectorStatus> {
    return this.#with(async (db) => {
      const state = await stateOf(db);
      return {
        state,
        vectors: state === 'off' ? 0 : await count(db, 'vectors'),
        embeddings: await count(db, 'embeddings'),
      };
    });
  }

  on(index: VectorIndex, onProgress: OnVectors = () => {}): Promise<void> {
    return this.#with(async (db) => {
      const before = await stateOf(db);
      if (before === 'off' || before === 'filling') await makeTable(db);
      if (before === 'emptying')
        throw new Error('vectors are being deleted: end that first, by `familiar database vectors off`');
      // Vectors that are all there are searched while an index is made.
      if (before !== 'exact' && before !== 'hnsw') {
        await setState(db, 'filling');
        // A transaction that began before may write an embedding without its vector.
        await olderTransactions(db);
        await this.#fill(db, onProgress);
        await sql`analyze vectors`.execute(db);
        await setState(db, 'exact');
      }
      if (index === 'hnsw') await makeGraphs(db);
      await setState(db, index);
      if (index === 'exact') await dropGraphs(db);
    });
  }

  off(): Promise<void> {
    return this.#with(async (db) => {
      if ((await stateOf(db)) === 'off') return;
      await setState(db, 'emptying');
      // One that began before may write a vector, or search.
      await olderTransactions(db);
      await dropTable(db);
      await setState(db, 'off');
    });
  }

  async #fill(db: Kysely<Tables>, onProgress: OnVectors): Promise<void> {
    const total = await count(db, 'embeddings');
    let done = await count(db, 'vectors');
    const appids = await db.selectFrom('data_keys').select('appid').orderBy('appid').execute();
    for (const { appid } of appids) {
      let after: After | undefined = { faceId: '', model: '' };
      while (after !== undefined) {
        const from: After = after;
        const batch = await db.transaction().execute((trx) => this.#fillSome(trx, appid, from));
        done += batch.rows;
        onProgress(Math.min(done, total), total);
        after = batch.last;
      }
    }
  }

  /** Writes the vectors of embeddings that have none, as they lie after one of them. */
  async #fillSome(trx: Kysely<Tables>, appid: string, { faceId, model }: After) {
    const { rows } = await sql<EmbeddingOf>`
      select embeddings.face_id, embeddings.model, faces.person_id, embeddings.embedding,
        (select wrapped from data_keys where appid = ${appid}) as wrapped
      from embeddings join faces on faces.appid = embeddings.appid and faces.face_id = embeddings.face_id
      where embeddings.appid = ${appid} and (embeddings.face_id, embeddings.model) > (${faceId}, ${model})
        and not exists (
          select from vectors where vectors.appid = ${appid} and vectors.face_id = embeddings.face_id
            and vectors.model = embeddings.model)
      order by embeddings.face_id, embeddings.model limit ${sql.lit(batchSize)}
      for key share of embeddings`.execute(trx);
    // An appid that is ended meanwhile has no key any more.
    const open = rows.filter(({ wrapped }) => wrapped !== null);
    const scope = { db: trx, appid, dataKeys: this.#parts.dataKeys };
    const vectors = open.map((row) => ({
      appid,
      model: row.model,
      personId: row.person_id,
      ...toEmbedding(scope, row, row.model),
    }));
    if (vectors.length > 0) await insertAll(trx, vectors);
    const last = rows.at(-1);
    const isLast = last === undefined || rows.length < batchSize;
    return { rows: rows.length, last: isLast ? undefined : { faceId: last.face_id, model: last.model } };
  }

  async #with<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const db = this.#parts.open();
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }
}

interface After {
  readonly faceId: string;
  readonly model: string;
}

interface EmbeddingOf {
  face_id: string;
  model: string;
  person_id: string;
  embedding: Uint8Array;
  wrapped: Uint8Array | null;
}

async function makeTable(db: Kysely<Tables>): Promise<void> {
  try {
    await sql`create extension if not exists vector`.execute(db);
  } catch (cause) {
    const text = `pgvector cannot be used: ${(cause as Error).message}; install it on the database's server, and have its administrator run "create extension vector"`;
    throw new Error(text, { cause });
  }
  await sql`
    create table if not exists vectors (
      appid text collate "C" not null,
      face_id text collate "C" not null,
      model text collate "C" not null,
      person_id text collate "C" not null,
      embedding vector not null,
      constraint vectors_key primary key (appid, face_id, model)
    )`.execute(db);
  await store(db);
  await sql`alter table vectors drop constraint if exists vector_of_embedding`.execute(db);
  await sql`
    alter table vectors add constraint vector_of_embedding foreign key (appid, face_id, model)
    references embeddings (appid, face_id, model) on delete cascade`.execute(db);
}

/**
 * Says how vectors lie: each in its row itself, where reading it costs one look; and divided among machines as their embeddings are, where
 * Citus has divided these.
 */
async function store(db: Kysely<Tables>): Promise<void> {
  const { rows: citus } = await sql`select from pg_extension where extname = 'citus'`.execute(db);
  const divided = citus.length === 0 ? new Map() : await spreadBefore(db as unknown as Kysely<never>);
  // Citus takes this of no table that is divided.
  if (divided.has('vectors')) return;
  await sql`alter table vectors alter column embedding set storage plain`.execute(db);
  if (!divided.has('embeddings')) return;
  await sql`select create_distributed_table('vectors', 'appid', colocate_with => 'embeddings')`.execute(db);
}

async function dropTable(db: Kysely<Tables>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // To drop a reference locks both tables. Whoever erases a face locks them in this order, and would wait in a circle.
    await sql`lock table embeddings in access exclusive mode`.execute(trx);
    await sql`drop table if exists vectors`.execute(trx);
  });
}

async function setState(db: Kysely<Tables>, state: VectorState): Promise<void> {
  await sql`update vector_search set state = ${state} where id = ${sql.lit(onlyRow)}`.execute(db);
}

async function count(db: Kysely<Tables>, table: 'vectors' | 'embeddings'): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db);
  return rows[0]!.rows;
}

/**
 * Waits until the transactions of servers that are open now have ended: those that begin later see what is committed now.
 * @throws Error if one takes longer than a minute.
 */
async function olderTransactions(db: Kysely<Tables>): Promise<void> {
  const begun = performance.now();
  const { rows } = await sql<{ now: string }>`select cast(clock_timestamp() as text) as now`.execute(db);
  for (;;) {
    const { rows: older } = await sql`
      select pid from pg_stat_activity
      where datname = current_database() and application_name = 'familiar' and pid <> pg_backend_pid()
        and xact_start < cast(${rows[0]!.now} as timestamptz)`.execute(db);
    if (older.length === 0) return;
    if (performance.now() - begun > waitMaxMs)
      throw new Error('a transaction of a server has been open for a minute: try again');
    await setTimeout(lookMs);
  }
}

/** Makes the index of each model that has none; one that was interrupted is made anew. */
async function makeGraphs(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ model: string; dimension: number }>`
    select model, vector_dims(embedding) as dimension from vectors group by 1, 2`.execute(db);
  for (const { model, dimension } of rows) {
    const name = graphNameOf(model, dimension);
    const { rows: known } = await sql<{ indisvalid: boolean }>`
      select indisvalid from pg_index where indexrelid = to_regclass(quote_ident(${name}))`.execute(db);
    if (known[0]?.indisvalid) continue;
    await sql`drop index if exists ${sql.ref(name)}`.execute(db);
    await graphStatement(model, dimension).execute(db);
  }
}

async function dropGraphs(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class join pg_index on indexrelid = oid
    where indrelid = to_regclass('vectors') and starts_with(relname, 'vectors_hnsw_')`.execute(db);
  for (const { name } of rows) await sql`drop index if exists ${sql.ref(name)}`.execute(db);
}
