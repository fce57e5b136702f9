/** Encrypts in place what versions before 0005 of the database kept as plain text. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { recount } from '../growth.ts';
import type { Tables } from '../tables.ts';
import { encrypt } from './cipher.ts';
import type { DataKeys } from './data-keys.ts';

/** The tables of the older versions under the names that migration 0005 gives them. */
type PlainTables = {
  plain_keys: Omit<Tables['keys'], 'encrypted_key'> & { secret_key: string };
  plain_embeddings: Tables['embeddings'];
  plain_crops: Tables['crops'];
};

/** Rows of one transaction: some 2 MB of crops. */
const batchSize = 256;

/** Called with how many of how many rows are encrypted. */
export type OnEncrypting = (done: number, total: number) => void;

/**
 * Moves every plain row, encrypted, into the table of today, batch by batch, each batch in a transaction; then drops the
 * plain tables. Whenever it is interrupted, what is left in the plain tables is what is left to do. Several processes
 * may do it at once.
 */
export async function encryptPlain(
  db: Kysely<Tables>,
  keys: DataKeys,
  onProgress: OnEncrypting = () => {},
): Promise<void> {
  const moves = { plain_keys: moveKeys, plain_embeddings: moveEmbeddings, plain_crops: moveCrops };
  const names = Object.keys(moves) as (keyof typeof moves)[];
  const total = await db.transaction().execute(async (trx) => {
    const counts: number[] = [];
    for (const name of names) counts.push(await count(trx, name));
    return counts.reduce((sum, rows) => sum + rows);
  });
  let done = 0;
  for (const name of names) {
    const moveBatch = () =>
      db.transaction().execute((trx) => moveSome(trx, name, async () => await moves[name](trx, keys)));
    for (let moved = await moveBatch(); moved > 0; moved = await moveBatch()) {
      done += moved;
      onProgress(Math.min(done, total), total);
    }
  }
  // What was plain was not counted yet.
  if (total > 0) await recount(db);
}

/** Moves a batch; drops the table once it is empty. Another process may have dropped it. */
async function moveSome(db: Kysely<Tables>, name: keyof PlainTables, move: () => Promise<number>): Promise<number> {
  if (!(await isThere(db, name))) return 0;
  const moved = await move();
  if (moved === 0) await db.schema.dropTable(name).execute();
  return moved;
}

async function isThere(db: Kysely<Tables>, name: keyof PlainTables): Promise<boolean> {
  return dialectOf(db).hasTable(db as unknown as Kysely<never>, name);
}

async function count(db: Kysely<Tables>, name: keyof PlainTables): Promise<number> {
  if (!(await isThere(db, name))) return 0;
  const { rows } = await withPlain(db)
    .selectFrom(name)
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return rows;
}

function withPlain(db: Kysely<Tables>) {
  return db.$extendTables<PlainTables>();
}

async function moveKeys(db: Kysely<Tables>, keys: DataKeys): Promise<number> {
  const rows = await withPlain(db).selectFrom('plain_keys').selectAll().limit(batchSize).execute();
  for (const { secret_key: secretKey, ...row } of rows) {
    const key = await keys.ensure(db, row.appid);
    const encrypted = encrypt(key, Buffer.from(secretKey), ['keys', row.secret_id]);
    await db
      .insertInto('keys')
      .values({ ...row, encrypted_key: encrypted })
      .execute();
    await withPlain(db)
      .deleteFrom('plain_keys')
      .where('appid', '=', row.appid)
      .where('secret_id', '=', row.secret_id)
      .execute();
  }
  return rows.length;
}

async function moveEmbeddings(db: Kysely<Tables>, keys: DataKeys): Promise<number> {
  const rows = await withPlain(db).selectFrom('plain_embeddings').selectAll().limit(batchSize).execute();
  for (const [appid, some] of Map.groupBy(rows, (row) => row.appid)) {
    const key = await keys.ensure(db, appid);
    const values = some.map((row) => ({
      ...row,
      embedding: encrypt(key, row.embedding, ['embeddings', row.face_id, row.model]),
    }));
    await db.insertInto('embeddings').values(values).execute();
    await withPlain(db)
      .deleteFrom('plain_embeddings')
      .where('appid', '=', appid)
      .where(
        'face_id',
        'in',
        some.map((row) => row.face_id),
      )
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('embeddings')
            .select('embeddings.face_id')
            .whereRef('embeddings.appid', '=', 'plain_embeddings.appid')
            .whereRef('embeddings.face_id', '=', 'plain_embeddings.face_id')
            .whereRef('embeddings.model', '=', 'plain_embeddings.model'),
        ),
      )
      .execute();
  }
  return rows.length;
}

async function moveCrops(db: Kysely<Tables>, keys: DataKeys): Promise<number> {
  const rows = await withPlain(db).selectFrom('plain_crops').selectAll().limit(batchSize).execute();
  for (const [appid, some] of Map.groupBy(rows, (row) => row.appid)) {
    const key = await keys.ensure(db, appid);
    const values = some.map((row) => ({ ...row, crop: encrypt(key, row.crop, ['crops', row.face_id]) }));
    await db.insertInto('crops').values(values).execute();
    const ids = some.map((row) => row.face_id);
    await withPlain(db).deleteFrom('plain_crops').where('appid', '=', appid).where('face_id', 'in', ids).execute();
  }
  return rows.length;
}
