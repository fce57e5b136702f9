/** What SQLite keeps of a registry's changes, seen where the port does not reach. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { recordChanges, since } from '../../src/store/changes.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { DataKeys } from '../../src/store/encryption/data-keys.ts';
import { storesOver } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { registerWithFace } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

test('however many changes a transaction makes, they are followed in their order', { timeout }, async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  await using _ = await storesOver(database, 30_000, { masterKey });
  const changes = Array.from({ length: 2_003 }, (_, i) => ({ kind: 'removeFace', faceId: `${i}` }) as const);
  await database.writer.transaction().execute(async (db) => {
    await recordChanges({ db, appid: '1001' }, changes.slice(0, 3));
    await recordChanges({ db, appid: '1001' }, []);
    await recordChanges({ db, appid: '1001' }, changes.slice(3));
  });
  const scope = { db: database.reader, appid: '1001', dataKeys: new DataKeys(await masterKey(undefined)) };
  assert.deepEqual(await since(scope, 0, 'm'), { position: changes.length, changes });
  assert.deepEqual(await since(scope, changes.length, 'm'), { position: changes.length, changes: [] });
});

test('changes that are forgotten while they are read are still all read', { timeout }, async () => {
  await using home = await sqliteHome();
  let onQuery = (_sql: string): void => {};
  const log = ({ query }: { readonly query: { readonly sql: string } }) => onQuery(query.sql);
  await using stores = await storesOver(await openSqlite({ file: home.file, busyTimeoutMs: 5_000, log }), 30_000, {
    masterKey,
  });
  await registerWithFace(stores.of('1001'), 'p', 'g', '1');
  using other = new DatabaseSync(home.file);
  const heads: string[] = [];
  onQuery = (sql) => {
    if (!sql.startsWith('select "changes", "forgotten"')) return;
    heads.push(sql);
    // The first look is the short one; the second belongs to the reading that follows it.
    if (heads.length === 2) other.exec('update registries set forgotten = 2; delete from changes');
  };
  const news = await stores.feedOf('1001').since(0, 'sha256:0');
  assert.equal(heads.length, 2);
  assert.deepEqual(
    news?.changes.map(({ kind }) => kind),
    ['joinGroup', 'insertFace'],
  );
  assert.equal(await stores.feedOf('1001').since(0, 'sha256:0'), undefined);
});

test('changes that a version before lists wrote are followed as they were meant', { timeout }, async () => {
  await using home = await sqliteHome();
  let older: DatabaseSync;
  {
    await using stores = await home.open();
    await registerWithFace(stores.of('1001'), 'p', '组', '1');
    await stores.of('1001').leaveGroups('p', ['组']);
    // Whoever closes the stores alone forgets the changes.
    older = new DatabaseSync(home.file);
    older.exec('select * from changes');
  }
  using _ = older;
  older.exec(`
    update changes set kind = rtrim(kind, 's'), group_ids = group_ids ->> 0 where group_ids <> '';
    alter table changes rename column group_ids to group_id;
    create table usage (appid text, month text, endpoint text, ok bigint, failed bigint, pictures bigint, faces bigint);
    create table spent_signatures (appid text, digest bytea);
    delete from kysely_migration where name >= '0003';
    drop table usage_of_writes;
    drop table usage_of_writes_by_day;
    drop table statements;
    drop table audit;
    drop table audit_ids;
    drop table audit_settings;
    drop table master_keys;
    drop table data_keys;`);
  await using stores = await home.open();
  const changes = (await stores.feedOf('1001').since(0, 'another model'))?.changes;
  assert.deepEqual(changes, [
    { kind: 'joinGroup', personId: 'p', groupId: '组' },
    { kind: 'leaveGroup', personId: 'p', groupId: '组' },
  ]);
});
