/** Deletes the embeddings of models that no pack of the register has. */
import { type Kysely, sql } from 'kysely';
import { type Access, orStorageFailed } from '../access.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { GrowthOfTransaction, grow } from '../growth.ts';
import { prepare, prepareWrite } from '../prepared.ts';
import type { Tables } from '../tables.ts';
import { readPacks } from './state.ts';

/** Embeddings that are deleted in one transaction, so that no write waits long for it. */
const prunedAtOnce = 500;

/** What an appid's embeddings are deleted by. */
export interface PruningParts {
  /** Reads beside the transactions. */
  readonly reader: Kysely<Tables>;
  readonly access: Access;
  readonly appid: string;
}

/**
 * Deletes those of an appid, batch by batch: each goes on where the last one was, however many embeddings stay. Yields how many
 * each deleted.
 */
export async function* pruneAppid({ reader, access, appid }: PruningParts): AsyncGenerator<number, void> {
  for (let after = ''; ; ) {
    const rows = await orStorageFailed(staleAfter(reader, appid, after));
    const last = rows.at(-1);
    if (last === undefined) return;
    yield await access.change((db) => deleteStale(db, appid, rows));
    if (rows.length < prunedAtOnce) return;
    after = last.face_id;
  }
}

/** An embedding of a model that no pack of the register has. */
interface StaleEmbedding {
  readonly face_id: string;
  readonly model: string;
  readonly bytes: number;
}

/** Some of an appid, in the order of its faces. */
async function staleAfter(db: Kysely<Tables>, appid: string, after: string): Promise<readonly StaleEmbedding[]> {
  const kept = await keptModels(db);
  // Of a register that no server has been started on nothing is known.
  return kept.length === 0 ? [] : staleQuery(db, { appid, after, kept: JSON.stringify(kept) });
}

/** Deletes embeddings, but for those of packs that have come to be kept since they were read. @returns how many. */
async function deleteStale(db: Kysely<Tables>, appid: string, rows: readonly StaleEmbedding[]): Promise<number> {
  const kept = new Set(await keptModels(db));
  const growth = new GrowthOfTransaction();
  let count = 0;
  for (const { face_id: faceId, model, bytes } of rows) {
    if (kept.has(model) || (await deleteEmbedding(db, { appid, faceId, model })) === 0) continue;
    growth.add({ bytes: -bytes });
    count += 1;
  }
  if (!growth.isNone) await grow(db, appid, growth);
  return count;
}

async function keptModels(db: Kysely<Tables>): Promise<readonly string[]> {
  return (await readPacks(db)).flatMap(({ model }) => model ?? []);
}

const staleQuery = prepare((db: Kysely<Tables>, { appid, after, kept }: Record<'appid' | 'after' | 'kept', string>) =>
  db
    .selectFrom('embeddings')
    .select(['face_id', 'model', sql<number>`octet_length(embedding)`.as('bytes')])
    .where('appid', '=', appid)
    .where('face_id', '>=', after)
    .where('model', 'not in', db.selectFrom(dialectOf(db).asked(kept)).select('value'))
    .orderBy('face_id')
    .orderBy('model')
    .limit(constant(prunedAtOnce)),
);

const deleteEmbedding = prepareWrite(
  (db: Kysely<Tables>, { appid, faceId, model }: { appid: string; faceId: string; model: string }) =>
    db.deleteFrom('embeddings').where('appid', '=', appid).where('face_id', '=', faceId).where('model', '=', model),
);
