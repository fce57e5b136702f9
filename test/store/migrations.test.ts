/** A migration that was released makes the same tables for ever: databases that went through it are not made anew. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { callsFileOf, openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import * as first from '../../src/store/migrations/0001-first.ts';
import * as changes from '../../src/store/migrations/0002-changes.ts';
import * as changeLists from '../../src/store/migrations/0003-change-lists.ts';
import { callsApart } from '../../src/store/migrations/0004-calls-apart.ts';
import * as encryption from '../../src/store/migrations/0005-encryption.ts';
import * as usageOfWrites from '../../src/store/migrations/0006-usage-of-writes.ts';
import * as usageByDay from '../../src/store/migrations/0012-usage-by-day.ts';
import * as audit from '../../src/store/migrations/0013-audit.ts';
import * as callsFirst from '../../src/store/migrations/calls/0001-first.ts';
import * as callsByDay from '../../src/store/migrations/calls/0002-usage-by-day.ts';
import * as callsAudit from '../../src/store/migrations/calls/0013-audit.ts';
import { sqliteHome } from './sqlite-home.ts';

/** Everything that the first two migrations make, as SQLite keeps it: the SQL of each table and index, without quotes. */
const released = [
  'create index groups_in_order on groups (appid, ordinal, group_id)',
  'create index groups_of_person on memberships (appid, person_id, group_ordinal, group_id)',
  'create index members_in_order on memberships (appid, group_id, member_ordinal, person_id)',
  'create table buckets (appid text not null, bucket text not null, constraint buckets_key primary key (appid, bucket))',
  'create table changes (appid text not null, sequence bigint not null, kind text not null, person_id text not null, face_id text not null, group_id text not null, constraint changes_key primary key (appid, sequence))',
  'create table crops (appid text not null, face_id text not null, crop bytea not null, constraint crops_key primary key (appid, face_id), constraint crop_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table embeddings (appid text not null, face_id text not null, model text not null, embedding bytea not null, constraint embeddings_key primary key (appid, face_id, model), constraint embedding_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table faces (appid text not null, face_id text not null, person_id text not null, ordinal integer not null, tag text not null, box_x integer not null, box_y integer not null, box_width integer not null, box_height integer not null, gender integer not null, age integer not null, expression integer not null, glass integer not null, pitch integer not null, yaw integer not null, roll integer not null, constraint faces_key primary key (appid, face_id), constraint faces_in_order unique (appid, person_id, ordinal), constraint face_of_person foreign key (appid, person_id) references persons (appid, person_id) on delete cascade)',
  'create table groups (appid text not null, group_id text not null, ordinal integer not null, members integer not null, constraint groups_key primary key (appid, group_id))',
  'create table keys (appid text not null, secret_id text not null, secret_key text not null, created_at bigint not null, ordinal integer not null, revoked_at bigint, constraint keys_key primary key (appid, secret_id), constraint secret_id_is_one_key unique (secret_id), constraint keys_in_order unique (ordinal))',
  'create table memberships (appid text not null, group_id text not null, person_id text not null, member_ordinal integer not null, group_ordinal integer not null, constraint memberships_key primary key (appid, group_id, person_id), constraint member_is_person foreign key (appid, person_id) references persons (appid, person_id) on delete cascade, constraint member_of_group foreign key (appid, group_id) references groups (appid, group_id) on delete cascade)',
  'create table persons (appid text not null, person_id text not null, name text not null, tag text not null, constraint persons_key primary key (appid, person_id))',
  'create table registries (appid text not null, groups integer not null, changes bigint default 0 not null, forgotten bigint default 0 not null, constraint registries_key primary key (appid))',
  'create table spent_signatures (appid text not null, digest bytea not null, constraint spent_signatures_key primary key (appid, digest))',
  'create table tenants (appid text not null, constraint tenants_key primary key (appid))',
  'create table usage (appid text not null, month text not null, endpoint text not null, ok bigint not null, failed bigint not null, pictures bigint not null, faces bigint not null, constraint usage_key primary key (appid, month, endpoint), constraint usage_by_month unique (month, appid, endpoint))',
];

/** The tables that the three after them change, move away or make anew. */
const isChanged = /^create table (changes|crops|embeddings|keys|spent_signatures|usage) /;
/** What they make. */
const releasedLater = [
  'create table changes (appid text not null, sequence bigint not null, kind text not null, person_id text not null, face_id text not null, group_ids text not null, constraint changes_key primary key (appid, sequence))',
  'create table crops (appid text not null, face_id text not null, crop bytea not null, constraint encrypted_crops_key primary key (appid, face_id), constraint encrypted_crop_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table data_keys (appid text not null, wrapped bytea not null, constraint data_keys_key primary key (appid))',
  'create table embeddings (appid text not null, face_id text not null, model text not null, embedding bytea not null, constraint encrypted_embeddings_key primary key (appid, face_id, model), constraint encrypted_embedding_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table keys (appid text not null, secret_id text not null, encrypted_key bytea not null, created_at bigint not null, ordinal integer not null, revoked_at bigint, constraint encrypted_keys_key primary key (appid, secret_id), constraint encrypted_secret_id_is_one_key unique (secret_id), constraint encrypted_keys_in_order unique (ordinal))',
  'create table master_keys (id integer primary key, fingerprint text not null)',
  'create table plain_crops (appid text not null, face_id text not null, crop bytea not null, constraint crops_key primary key (appid, face_id), constraint crop_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table plain_embeddings (appid text not null, face_id text not null, model text not null, embedding bytea not null, constraint embeddings_key primary key (appid, face_id, model), constraint embedding_of_face foreign key (appid, face_id) references faces (appid, face_id) on delete cascade)',
  'create table plain_keys (appid text not null, secret_id text not null, secret_key text not null, created_at bigint not null, ordinal integer not null, revoked_at bigint, constraint keys_key primary key (appid, secret_id), constraint secret_id_is_one_key unique (secret_id), constraint keys_in_order unique (ordinal))',
];

/** What the one after them makes. */
const releasedThen =
  'create table usage_of_writes (appid text not null, month text not null, endpoint text not null, ok bigint not null, failed bigint not null, pictures bigint not null, faces bigint not null, constraint usage_of_writes_key primary key (appid, month, endpoint), constraint usage_of_writes_by_month unique (month, appid, endpoint))';

/** What the one after it makes. */
const releasedLast = [
  'create index usage_of_writes_by_day_in_order on usage_of_writes_by_day (day, appid)',
  "create index usage_of_writes_by_day_of_nodes on usage_of_writes_by_day (day) where node <> ''",
  'create table statements (appid text not null, month text not null, content text not null, constraint statements_key primary key (appid, month))',
  'create table usage_of_writes_by_day (appid text not null, day text not null, secret_id text not null, endpoint text not null, code integer not null, node text not null, calls bigint not null, pictures bigint not null, faces bigint not null, constraint usage_of_writes_by_day_key primary key (appid, day, secret_id, endpoint, code, node))',
];

/** The columns of a line of the audit. */
const lineColumns =
  'appid text not null, chain text not null, sequence bigint not null, at bigint not null, kind text not null, actor text not null, action text not null, ids text not null, detail text not null, code integer, request_id text not null, hash bytea not null';
const releasedAudit = [
  `create table audit (${lineColumns}, constraint audit_key primary key (appid, chain, sequence)) without rowid`,
  'create table audit_ids (appid text not null, digest text not null, encrypted_id text not null, constraint audit_ids_key primary key (appid, digest)) without rowid',
  'create table audit_settings (server text primary key, settings text not null)',
];
const releasedAuditOfCalls = `create table audit_of_calls (${lineColumns}, constraint audit_of_calls_key primary key (appid, chain, sequence)) without rowid`;

/** The tables of what calls write. */
const releasedCalls = [
  'create index spent_signatures_in_order on spent_signatures (spent_at, appid, digest)',
  'create table spent_signatures (appid text not null, digest bytea not null, spent_at bigint not null, constraint spent_signatures_key primary key (appid, digest))',
  'create table usage (appid text not null, month text not null, endpoint text not null, ok bigint not null, failed bigint not null, pictures bigint not null, faces bigint not null, constraint usage_key primary key (appid, month, endpoint), constraint usage_by_month unique (month, appid, endpoint))',
];

/** What is added to them later. */
const releasedCallsLater = [
  'create index usage_by_day_in_order on usage_by_day (day, appid)',
  "create index usage_by_day_of_nodes on usage_by_day (day) where node <> ''",
  'create table usage_by_day (appid text not null, day text not null, secret_id text not null, endpoint text not null, code integer not null, node text not null, calls bigint not null, pictures bigint not null, faces bigint not null, constraint usage_by_day_key primary key (appid, day, secret_id, endpoint, code, node))',
];

test('a migration that was released makes what it always made', async () => {
  await using home = await sqliteHome();
  const made: (readonly string[])[] = [];
  for (const migrations of [
    [first, changes],
    [changeLists, 'apart', encryption],
    [usageOfWrites],
    [usageByDay],
    [audit],
  ] as const) {
    await using database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
    const calls = database.calls.writer;
    if (made.length === 1) await callsFirst.up(calls as unknown as Kysely<unknown>);
    await database.writer.transaction().execute(async (db) => {
      const bare = db as unknown as Kysely<unknown>;
      for (const one of migrations) await (one === 'apart' ? callsApart(calls) : one).up(bare);
    });
    made.push(schemaOf(home.file));
  }
  const unchanged = released.filter((sql) => !isChanged.test(sql));
  const later = [...unchanged, ...releasedLater].toSorted();
  const then = [...later, releasedThen];
  const last = [...then, ...releasedLast];
  assert.deepEqual(made, [released, later, then.toSorted(), last.toSorted(), [...last, ...releasedAudit].toSorted()]);
  assert.deepEqual(schemaOf(callsFileOf(home.file)), releasedCalls);
  {
    await using database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
    for (const one of [callsByDay, callsAudit]) await one.up(database.calls.writer as unknown as Kysely<unknown>);
  }
  assert.deepEqual(
    schemaOf(callsFileOf(home.file)),
    [...releasedCalls, ...releasedCallsLater, releasedAuditOfCalls].toSorted(),
  );
});

/** The SQL of each table and index of a file, in order, without quotes. */
function schemaOf(file: string): readonly string[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('select sql from sqlite_master where sql is not null').all();
  return rows.map(({ sql }) => String(sql).replaceAll('"', '').toLowerCase()).toSorted();
}
