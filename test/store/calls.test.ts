/** What calls write is apart from the registries: it waits for nobody there, and what older versions wrote comes along. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { callsFileOf } from '../../src/store/dialects/sqlite/database.ts';
import { openStores } from '../../src/store/open.ts';
import { hold } from '../hold.ts';
import { masterKey } from '../master-key.ts';
import { call, person, reportMonth } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;
const digestOf = (i: number) => new Uint8Array(32).fill(i);

test('calls are counted and signatures spent while a registry is written', { timeout }, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const held = hold();
  const writing = stores.of('1001').write(async (store) => {
    await store.insertPerson(person('p'));
    await held.pass();
  });
  await held.reached;
  await stores.usage.count(call);
  assert.equal(await stores.keys.spendSignature('1002', digestOf(1)), true);
  assert.equal((await reportMonth(stores.usage)).length, 1);
  held.end();
  await writing;
});

test('a spent signature is remembered for 91 days, and forgotten when another is spent after them', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const day = 24 * 60 * 60 * 1000;
  let now = Date.UTC(2026, 0, 1);
  await using stores = await openStores({ file: home.file, masterKey, now: () => now });
  using calls = new DatabaseSync(callsFileOf(home.file));
  const kept = () => calls.prepare('select count(*) as n from spent_signatures').get()?.n;
  for (let i = 0; i < 25; i++) assert.equal(await stores.keys.spendSignature('1001', digestOf(i)), true);
  now += 91 * day;
  assert.equal(await stores.keys.spendSignature('1001', digestOf(0)), false);
  assert.equal(kept(), 25);
  now += 1_000;
  for (const [i, left] of [16, 7, 3].entries()) {
    assert.equal(await stores.keys.spendSignature('1001', digestOf(100 + i)), true);
    assert.equal(kept(), left);
  }
});

/** The tables that the first three migrations make and none moves away, and the columns of those to which later ones add some. */
const tablesOfThird = new Set(
  'buckets changes crops embeddings faces groups keys memberships persons registries tenants'.split(' '),
);
const columnsOfThird = new Map([
  ['tenants', new Set(['appid'])],
  [
    'faces',
    new Set(
      'appid face_id person_id ordinal tag box_x box_y box_width box_height gender age expression glass pitch yaw roll'.split(
        ' ',
      ),
    ),
  ],
  ['registries', new Set(['appid', 'groups', 'changes', 'forgotten'])],
]);

function columnsOf(database: DatabaseSync, table: string): readonly string[] {
  return database
    .prepare(`pragma table_info(${table})`)
    .all()
    .map(({ name }) => String(name));
}

test('what an older version counted and spent comes along, once, even if moving it was interrupted', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  await (await home.open())[Symbol.asyncDispose]();
  const makeOlder = (): void => {
    using older = new DatabaseSync(home.file);
    // What later migrations made, as the schema itself tells.
    const made = older
      .prepare(
        `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'`,
      )
      .all()
      .map(({ name }) => String(name))
      .filter((name) => !tablesOfThird.has(name));
    for (const { name } of older.prepare(`select name from sqlite_master where type = 'trigger'`).all()) {
      older.exec(`drop trigger ${name}`);
    }
    for (const table of made) older.exec(`drop table ${table}`);
    older.exec('drop index persons_by_name');
    for (const [table, columns] of columnsOfThird) {
      for (const column of columnsOf(older, table)) {
        if (!columns.has(column)) older.exec(`alter table ${table} drop column ${column}`);
      }
    }
    older.exec(`
      delete from kysely_migration where name >= '0004';
      create table usage (appid text, month text, endpoint text, ok bigint, failed bigint, pictures bigint, faces bigint);
      create table spent_signatures (appid text, digest bytea, primary key (appid, digest));
      insert into usage values ('1001', '2026-11', 'detect', 5, 2, 7, 9);`);
    const spend = older.prepare(`insert into spent_signatures values ('1001', ?)`);
    for (let i = 0; i < 1_003; i++) spend.run(Uint8Array.of(i >> 8, i));
  };
  makeOlder();
  await (await home.open())[Symbol.asyncDispose]();
  // As if the process had died before it removed what it had moved.
  makeOlder();
  await using stores = await home.open();
  assert.deepEqual(await reportMonth(stores.usage, '2026-11'), [
    { appid: '1001', month: '2026-11', endpoint: 'detect', ok: 5, failed: 2, pictures: 7, faces: 9 },
  ]);
  for (const i of [0, 999, 1_000, 1_002]) {
    assert.equal(await stores.keys.spendSignature('1001', Uint8Array.of(i >> 8, i)), false);
  }
  using registries = new DatabaseSync(home.file);
  const tables = registries.prepare(`select name from sqlite_master where name in ('usage', 'spent_signatures')`).all();
  assert.deepEqual(tables, []);
});
