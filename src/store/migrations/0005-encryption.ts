/** The tables of what is encrypted. Never edited once released. */
import type { Kysely } from 'kysely';

/**
 * Sets the tables with secrets aside under names of their own, and makes new ones for the same rows, encrypted. The rows
 * are moved when a master key is there ({@link import('../encryption/encrypt-plain.ts').encryptPlain}), which also drops
 * the old tables: a version that does not encrypt finds no table to write a plain row to.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of ['keys', 'embeddings', 'crops']) {
    await db.schema.alterTable(name).renameTo(`plain_${name}`).execute();
  }
  await db.schema
    .createTable('master_keys')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('data_keys')
    .addColumn('appid', 'text', (column) => column.notNull())
    .addColumn('wrapped', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('data_keys_key', ['appid'])
    .execute();
  await makeKeys(db);
  await makeEmbeddingsAndCrops(db);
}

async function makeKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('keys')
    .addColumn('appid', 'text', (column) => column.notNull())
    .addColumn('secret_id', 'text', (column) => column.notNull())
    .addColumn('encrypted_key', 'bytea', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('encrypted_keys_key', ['appid', 'secret_id'])
    .addUniqueConstraint('encrypted_secret_id_is_one_key', ['secret_id'])
    .addUniqueConstraint('encrypted_keys_in_order', ['ordinal'])
    .execute();
}

async function makeEmbeddingsAndCrops(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('embeddings')
    .addColumn('appid', 'text', (column) => column.notNull())
    .addColumn('face_id', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('embedding', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('encrypted_embeddings_key', ['appid', 'face_id', 'model'])
    .addForeignKeyConstraint(
      'encrypted_embedding_of_face',
      ['appid', 'face_id'],
      'faces',
      ['appid', 'face_id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createTable('crops')
    .addColumn('appid', 'text', (column) => column.notNull())
    .addColumn('face_id', 'text', (column) => column.notNull())
    .addColumn('crop', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('encrypted_crops_key', ['appid', 'face_id'])
    .addForeignKeyConstraint(
      'encrypted_crop_of_face',
      ['appid', 'face_id'],
      'faces',
      ['appid', 'face_id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
}
