/** The first tables in PostgreSQL: what SQLite's first five migrations lead to. Never edited once released. */
import type { CreateTableBuilder, Kysely } from 'kysely';
import { postgres } from './dialect.ts';

/** Makes {@link import('../../tables.ts').Tables}. Primary keys start with the appid, by which several machines divide it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makePersonsAndGroups(db);
  await makeFaces(db);
  await makeKeys(db);
}

async function makePersonsAndGroups(db: Kysely<unknown>): Promise<void> {
  await table(db, 'registries', ['appid'], { appid: 'text', groups: 'integer' })
    .addColumn('changes', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('forgotten', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await table(db, 'changes', ['appid', 'sequence'], {
    appid: 'text',
    sequence: 'bigint',
    kind: 'text',
    person_id: 'text',
    face_id: 'text',
    group_ids: 'text',
  }).execute();
  await table(db, 'persons', ['appid', 'person_id'], {
    appid: 'text',
    person_id: 'text',
    name: 'text',
    tag: 'text',
  }).execute();
  await table(db, 'groups', ['appid', 'group_id'], {
    appid: 'text',
    group_id: 'text',
    ordinal: 'integer',
    members: 'integer',
  }).execute();
  await table(db, 'memberships', ['appid', 'group_id', 'person_id'], {
    appid: 'text',
    group_id: 'text',
    person_id: 'text',
    member_ordinal: 'integer',
    group_ordinal: 'integer',
  })
    .addForeignKeyConstraint('member_is_person', ['appid', 'person_id'], 'persons', ['appid', 'person_id'], endsWith)
    .addForeignKeyConstraint('member_of_group', ['appid', 'group_id'], 'groups', ['appid', 'group_id'], endsWith)
    .execute();
  // The lists that clients ask for, in their order and without a look at the table.
  await index(db, 'groups_in_order', 'groups', ['appid', 'ordinal', 'group_id']);
  await index(db, 'members_in_order', 'memberships', ['appid', 'group_id', 'member_ordinal', 'person_id']);
  await index(db, 'groups_of_person', 'memberships', ['appid', 'person_id', 'group_ordinal', 'group_id']);
}

async function makeFaces(db: Kysely<unknown>): Promise<void> {
  await table(db, 'faces', ['appid', 'face_id'], {
    appid: 'text',
    face_id: 'text',
    person_id: 'text',
    ordinal: 'integer',
    tag: 'text',
    box_x: 'integer',
    box_y: 'integer',
    box_width: 'integer',
    box_height: 'integer',
    gender: 'integer',
    age: 'integer',
    expression: 'integer',
    glass: 'integer',
    pitch: 'integer',
    yaw: 'integer',
    roll: 'integer',
  })
    .addUniqueConstraint('faces_in_order', ['appid', 'person_id', 'ordinal'])
    .addForeignKeyConstraint('face_of_person', ['appid', 'person_id'], 'persons', ['appid', 'person_id'], endsWith)
    .execute();
  await table(db, 'embeddings', ['appid', 'face_id', 'model'], {
    appid: 'text',
    face_id: 'text',
    model: 'text',
    embedding: 'bytea',
  })
    .addForeignKeyConstraint('embedding_of_face', ['appid', 'face_id'], 'faces', ['appid', 'face_id'], endsWith)
    .execute();
  await table(db, 'crops', ['appid', 'face_id'], { appid: 'text', face_id: 'text', crop: 'bytea' })
    .addForeignKeyConstraint('crop_of_face', ['appid', 'face_id'], 'faces', ['appid', 'face_id'], endsWith)
    .execute();
}

async function makeKeys(db: Kysely<unknown>): Promise<void> {
  await table(db, 'tenants', ['appid'], { appid: 'text' }).execute();
  await table(db, 'buckets', ['appid', 'bucket'], { appid: 'text', bucket: 'text' }).execute();
  await table(db, 'master_keys', ['id'], { id: 'integer', fingerprint: 'text' }).execute();
  await table(db, 'data_keys', ['appid'], { appid: 'text', wrapped: 'bytea' }).execute();
  await table(db, 'keys', ['appid', 'secret_id'], {
    appid: 'text',
    secret_id: 'text',
    encrypted_key: 'bytea',
    created_at: 'bigint',
    ordinal: 'integer',
  })
    .addColumn('revoked_at', 'bigint')
    .addUniqueConstraint('secret_id_is_one_key', ['secret_id'])
    .addUniqueConstraint('keys_in_order', ['ordinal'])
    .execute();
}

type Columns<C extends string> = Readonly<Record<C, 'text' | 'integer' | 'bigint' | 'bytea'>>;

/** A table whose columns all hold something. */
function table<C extends string>(
  db: Kysely<unknown>,
  name: string,
  key: readonly NoInfer<C>[],
  columns: Columns<C>,
): CreateTableBuilder<string, C> {
  let builder: CreateTableBuilder<string, C> = db.schema.createTable(name);
  for (const [column, type] of Object.entries<Columns<C>[C]>(columns)) {
    builder = builder.addColumn(column, type === 'text' ? postgres.text : type, (definition) => definition.notNull());
  }
  return builder.addPrimaryKeyConstraint(`${name}_key`, [...key]);
}

async function index(db: Kysely<unknown>, name: string, table: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
    .execute();
}

function endsWith<B extends { onDelete(action: 'cascade'): B }>(constraint: B): B {
  return constraint.onDelete('cascade');
}
