/** What the migration of appids and keys makes of a register that was there before. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { callsFileOf, openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import * as contents from '../../src/store/migrations/0011-contents.ts';
import * as tenants from '../../src/store/migrations/0011-tenants.ts';
import * as keyUses from '../../src/store/migrations/calls/0011-key-uses.ts';
import { sqliteHome } from './sqlite-home.ts';

/** The tables as they were, as far as the migration looks at them. */
const before = `
  create table tenants (appid text not null, constraint tenants_key primary key (appid));
  create table keys (appid text not null, secret_id text not null);
  create table registries (appid text not null, groups integer not null);
  create table persons (appid text not null, person_id text not null);
  create table faces (appid text not null, face_id text not null);
  create table embeddings (appid text not null, face_id text not null, embedding bytea not null);
  create table crops (appid text not null, face_id text not null, crop bytea not null);
  insert into tenants values ('1'), ('2');
  insert into keys values ('1', 'k');
  insert into registries values ('1', 1), ('2', 0);
  insert into persons values ('1', 'p'), ('1', 'q');
  insert into faces values ('1', 'a'), ('1', 'b'), ('1', 'c');
  insert into embeddings values ('1', 'a', zeroblob(100)), ('1', 'b', zeroblob(50));
  insert into crops values ('1', 'a', zeroblob(7));`;

test('appids of before have no limits of their own, keys may do all, and what is there is counted', async () => {
  await using home = await sqliteHome();
  {
    using file = new DatabaseSync(home.file);
    file.exec(before);
  }
  {
    await using database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
    const db = database.writer as unknown as Kysely<unknown>;
    await tenants.up(db);
    await contents.up(db);
    await keyUses.up(database.calls.writer as unknown as Kysely<unknown>);
  }
  using file = new DatabaseSync(home.file, { readOnly: true });
  const rows = (table: string) => file.prepare(`select * from ${table} order by 1`).all();
  assert.deepEqual(
    { ...rows('tenants')[0] },
    {
      ...{ appid: '1', note: '', calls_per_second: null, calls_in_flight: null, pictures_in_flight: null },
      ...{ pictures_per_month: null, groups: null, persons: null, faces: null, bytes: null, enrol_quality: null },
    },
  );
  assert.deepEqual(
    { ...rows('keys')[0] },
    { appid: '1', secret_id: 'k', name: null, expires_at: null, endpoints: null },
  );
  assert.deepEqual(
    rows('registries').map((row) => ({ ...row })),
    [
      { appid: '1', groups: 1, persons: 2, faces: 3, bytes: 157 },
      { appid: '2', groups: 0, persons: 0, faces: 0, bytes: 0 },
    ],
  );
  using calls = new DatabaseSync(callsFileOf(home.file), { readOnly: true });
  assert.deepEqual(calls.prepare('select * from key_uses').all(), []);
});
