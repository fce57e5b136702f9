/** What is PostgreSQL's alone: its url, its answers as they are, and what becomes of a connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { inspectShared } from '../../src/store/inspect.ts';
import { openSharedStores, type Stores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { face, guarantees, idsOf, isStorageFailure, limits, person } from '../store/fixtures.ts';
import { type PostgresHome, postgresHome } from './home.ts';

/** Declares a test over stores that are opened for it and closed after it. */
function guarantee(name: string, body: (stores: Stores, home: PostgresHome) => Promise<void>): void {
  guarantees('PostgreSQL', postgresHome)(name, (stores, home) => body(stores, home as PostgresHome));
}

guarantee('texts are ordered by their bytes, as SQLite orders them', async (stores) => {
  const ids = ['b', 'B', 'a', 'Z', 'é', 'z', '张三', '\u{1F600}', '-', '_', '10', '9'];
  for (const id of ids) await stores.of(id).insertPerson(person('p'));
  for (const id of ids) await stores.of(id).joinGroups('p', ['g'], limits);
  const byBytes = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(await stores.appids(), byBytes);
});

guarantee('a list is the JSON that JSON.stringify makes, whatever characters ids hold', async (stores) => {
  const store = stores.of('1001');
  const ids = [
    'é',
    '张三',
    '\u{1F600}',
    '&<>',
    '%_',
    "it's".replace("'", '’'),
    ...Array.from({ length: 40 }, (_, i) => `g${i}`),
  ];
  await store.insertPerson(person('p'));
  await store.joinGroups('p', ids, limits);
  for (const list of [await store.groupsOf('p'), (await store.groups())!]) {
    assert.equal(Buffer.from(list.json).toString(), JSON.stringify(ids));
    assert.deepEqual(idsOf(list), ids);
  }
});

guarantee('the database can tell connections of this program from others', async (_stores, home) => {
  const rows = await home.ask(`select application_name from pg_stat_activity where datname = current_database()`);
  assert.ok(rows.some(({ application_name: name }) => name === 'familiar'));
});

guarantee('whoever loses its connection gets another one', async (stores, home) => {
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const writing = store.write(async (inner) => {
    await inner.insertPerson(person('q'));
    await home.ask(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'familiar'`);
    await setTimeout(50);
    await inner.insertPerson(person('r'));
  });
  await assert.rejects(writing, isStorageFailure);
  assert.deepEqual(await store.findPerson('p'), person('p'));
  assert.equal(await store.findPerson('q'), undefined);
  assert.equal(await store.insertPerson(person('q')), true);
});

guarantee(
  'what another server holds is waited for so long and no longer, and keeps up nobody else',
  async (stores, home) => {
    await stores.of('1001').insertPerson(person('p'));
    await using hasty = await openSharedStores({ url: home.url, masterKey, statementTimeoutMs: 100 });
    await home.ask(`begin; select 1 from registries where appid = '1001' for update`);
    await assert.rejects(hasty.of('1001').insertFace(face('1', 'p'), limits), isStorageFailure);
    assert.equal(await hasty.of('1002').insertPerson(person('p')), true);
    await home.ask('rollback');
    assert.equal(await hasty.of('1001').insertFace(face('1', 'p'), limits), true);
  },
);

guarantee('statements that are sent together fall together if one of them fails', async (_stores, home) => {
  await using database = await openPostgres({ url: home.url });
  const insert = (db: typeof database.writer, appid: string) =>
    db.insertInto('registries').values({ appid, groups: 0 }).execute();
  const failing = database.writer
    .transaction()
    .execute((trx) => Promise.all([insert(trx, '1001'), sql`select 1 / 0`.execute(trx), insert(trx, '1002')]));
  await assert.rejects(failing, /division by zero/);
  assert.deepEqual(await home.ask('select appid from registries'), []);
  await database.writer.transaction().execute((trx) => Promise.all([insert(trx, '1001'), insert(trx, '1002')]));
  assert.equal((await home.ask('select appid from registries')).length, 2);
});

guarantee(
  'a table that a newer server gives a column is read and written on, by plans of before',
  async (stores, home) => {
    const store = stores.of('1001');
    await store.insertPerson(person('p'));
    await store.insertFace(face('1', 'p'), limits);
    const look = (one: typeof store) => Promise.all([one.findFace('1'), one.findFaces(['1'])]);
    const found = await look(store);
    // Often enough for each connection, and for a plan that is kept.
    for (let i = 0; i < 40; i++) await store.read(look);
    for (let i = 0; i < 40; i++) await look(store);
    await home.ask('alter table faces add column later text; alter table persons add column later text');
    for (let i = 0; i < 40; i++) assert.deepEqual(await look(store), found);
    for (let i = 0; i < 8; i++) assert.deepEqual(await store.write(look), found);
    assert.equal(await store.insertFace(face('2', 'p'), limits), true);
  },
);

guarantee('what PostgreSQL does not offer is refused once, and its connection is kept', async (_stores, home) => {
  await using database = await openPostgres({ url: home.url });
  const asked = sql`select count(*) from registries for update`;
  const pid = async (): Promise<unknown> =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.reader)).rows[0]!.pid;
  const before = await pid();
  const error: unknown = await asked.execute(database.reader).catch((error) => error);
  assert.equal((error as { code?: string }).code, '0A000', 'the code of an outdated plan, too');
  assert.equal(await pid(), before);
  assert.equal(await database.mayRetry(error, 1), false);
});

guarantee('a register is read without a trace, and only where there is one', async (stores, home) => {
  await using empty = await postgresHome();
  assert.equal(await inspectShared(empty.url), undefined);
  assert.deepEqual(await empty.ask(`select relname from pg_class where relname like '%migration%'`), []);
  await stores.keys.addKey({ secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null }, []);
  await using register = await inspectShared(home.url);
  assert.deepEqual(
    (await register?.listKeys())?.map(({ secretId }) => secretId),
    ['k'],
  );
  assert.match((await register?.fingerprint()) ?? '', /^[0-9a-f]{16}$/);
});

guarantee('another password is used for new connections, and another place is refused', async (stores, home) => {
  const url = new URL(home.url);
  url.password = 'another';
  assert.equal(stores.renewUrl(url.href), true);
  assert.equal(await stores.of('1001').insertPerson(person('p')), true);
  for (const part of ['pathname', 'username', 'search'] as const) {
    const other = new URL(home.url);
    other[part] = 'other';
    assert.equal(stores.renewUrl(other.href), false);
  }
  assert.equal(stores.renewUrl(home.url), true);
});

test('PostgreSQL: a password is in no message', async () => {
  const url = 'postgres://somebody:hush@127.0.0.1:1/register?sslmode=disable';
  const refused = (error: Error): boolean =>
    error.message.startsWith('cannot open the database postgres://127.0.0.1:1/register: ') &&
    !/hush/.test(error.message);
  await assert.rejects(openSharedStores({ url, masterKey }), refused);
  await assert.rejects(openSharedStores({ url: 'hush', masterKey }), (error: Error) => !/hush/.test(error.message));
});

test('PostgreSQL: servers that start at once make the tables once', async () => {
  await using home = await postgresHome();
  await using all = new AsyncDisposableStack();
  for (const stores of await Promise.all([1, 2, 3, 4].map(() => home.open()))) all.use(stores);
  const names = (await home.ask('select name from kysely_migration')).map(({ name }) => name);
  assert.ok(names.includes('0005'));
  assert.equal(new Set(names).size, names.length);
});

test('PostgreSQL: a database of a newer version is refused, and left as it is', async () => {
  await using home = await postgresHome();
  await (await home.open())[Symbol.asyncDispose]();
  await home.ask(`insert into kysely_migration values ('9999', 'later')`);
  await assert.rejects(home.open(), /version 9999, and this program knows/);
  await assert.rejects(inspectShared(home.url), /version 9999/);
});
