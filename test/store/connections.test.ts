/** Connections and threads: how many there may be, what they are told, and that none is left behind. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Driver, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Store } from '../../src/domain/stores.ts';
import { Connection } from '../../src/store/dialects/sqlite/connection.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { openForWriting } from '../../src/store/dialects/sqlite/writer-thread.ts';
import { storesOver } from '../../src/store/stores.ts';
import type { Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import { isStorageFailure, person, registerWithFace } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

/** A way to a database that leads nowhere. */
class FailingDriver extends DummyDriver {
  override acquireConnection(): Promise<never> {
    return Promise.reject(new Error('there is no connection'));
  }
}

function kyselyOver(driver: Driver): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

test('as many snapshots as are asked for can be held at once, and closing leaves nothing open', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const nest = async (depth: number, held: readonly Store[]): Promise<void> => {
    if (depth === 0) {
      await store.deletePerson('p');
      for (const snapshot of held) assert.deepEqual(await snapshot.findPerson('p'), person('p'));
      return;
    }
    await store.read(async (snapshot) => {
      assert.deepEqual(await snapshot.findPerson('p'), person('p'));
      await nest(depth - 1, [...held, snapshot]);
    });
  };
  await nest(7, []);
  assert.equal(await store.findPerson('p'), undefined);
  await nest(0, []);
  await stores[Symbol.asyncDispose]();
  // A connection that somebody left open would keep the log.
  assert.deepEqual(await logsIn(home.folder), []);
});

test('a snapshot that is held when the stores close is closed when it is let go', { timeout }, async () => {
  await using home = await sqliteHome();
  const stores = await home.open();
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const reading = stores.of('1001').read(async (snapshot) => {
    await snapshot.findPerson('p');
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  await stores[Symbol.asyncDispose]();
  held.resolve();
  await reading;
  await (await home.open())[Symbol.asyncDispose]();
  assert.deepEqual(await logsIn(home.folder), []);
});

test('who stops reading contents in the middle ends the thread that reads them', { timeout }, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  for (let i = 0; i < 6; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
  const ports = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = ports();
  for await (const batch of stores.feedOf('1001').contents('sha256:0', 2)) {
    assert.equal(batch.length, 2);
    break;
  }
  assert.equal(await stores.countFaces('sha256:0'), 6);
  while (ports() > before) await wait(5);
});

test('once a transaction is over, what it began may write on its own', { timeout }, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  const later = await store.write(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { go: resolve, done: promise.then(() => store.insertPerson(person('p'))) };
  });
  later.go();
  assert.equal(await later.done, true);
  await assert.rejects(
    store.write(async () => {
      throw new Error('undone');
    }),
    /undone/,
  );
  assert.equal(await store.insertPerson(person('q')), true);
});

test('a connection runs more different statements than it keeps', { timeout }, async () => {
  await using home = await sqliteHome();
  const connection = new Connection({ file: home.file, readOnly: false, busyTimeoutMs: 0 });
  for (const round of [1, 2]) {
    for (let i = 0; i < 600; i++) {
      assert.deepEqual(Object.values(connection.run(`select ${i} as n`).rows[0] ?? {}), [i], `round ${round}`);
    }
  }
  assert.deepEqual(connection.run('create table t (x)'), { rows: [], changes: 0 });
  assert.deepEqual(connection.run('insert into t values (?), (?)', [1, 2]), { rows: [], changes: 2 });
  assert.equal(connection.isTransaction, false);
  connection.run('begin');
  assert.equal(connection.isTransaction, true);
  connection.run('rollback');
  connection.close();
});

test('what fails while contents are read is told to whoever goes on, and disturbs nobody who does not', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  const openBulk = () => kyselyOver(new FailingDriver());
  await using stores = await storesOver({ ...database, openBulk }, 5_000, { masterKey });
  for (let i = 0; i < 3; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
  const feed = stores.feedOf('1001');
  await assert.rejects(Array.fromAsync(feed.contents('sha256:0', 2)), isStorageFailure);
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  process.on('unhandledRejection', note);
  for await (const batch of feed.contents('sha256:0', 2)) {
    assert.equal(batch.length, 2);
    break;
  }
  await wait(20);
  process.off('unhandledRejection', note);
  assert.deepEqual(failures, []);
});

test('after a snapshot whose reader failed, others see what is there by then', { timeout }, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  for (let round = 0; round < 6; round++) {
    const failing = store.read(async (snapshot) => {
      await snapshot.findPerson('p');
      throw new Error('of the reader');
    });
    await assert.rejects(failing, /of the reader/);
    await store.insertPerson(person(`p${round}`));
    assert.deepEqual(await store.findPerson(`p${round}`), person(`p${round}`));
    await store.read(async (snapshot) => assert.deepEqual(await snapshot.findPerson(`p${round}`), person(`p${round}`)));
  }
});

test('a connection that only reads cannot write, makes no file, and waits for others as long as it is told', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const reading = { file: home.file, readOnly: true, busyTimeoutMs: 1_234 };
  assert.throws(() => new Connection(reading), /unable to open/);
  assert.deepEqual(await readdir(home.folder), []);
  const writing = openForWriting({ file: home.file, busyTimeoutMs: 2_345 });
  assert.equal(writing.run('pragma busy_timeout').rows[0]?.timeout, 2_345);
  writing.run('create table t (x)');
  const connection = new Connection(reading);
  assert.throws(() => connection.run('insert into t values (1)'), /readonly/);
  assert.equal(connection.run('pragma busy_timeout').rows[0]?.timeout, 1_234);
  connection.close();
  writing.close();
});

test('what is committed is on the disk, what is deleted is overwritten, and nothing goes into other files', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const connection = openForWriting({ file: home.file, busyTimeoutMs: 100 });
  const settingOf = (pragma: string) => Object.values(connection.run(`pragma ${pragma}`).rows[0] ?? {})[0];
  // The numbers are SQLite's: synchronous 2 is full, temp_store 2 is memory.
  assert.deepEqual(['journal_mode', 'synchronous', 'secure_delete', 'temp_store', 'foreign_keys'].map(settingOf), [
    'wal',
    2,
    1,
    2,
    1,
  ]);
  connection.close();
  assert.throws(() => openForWriting({ file: ':memory:/nowhere', busyTimeoutMs: 100 }), /ENOENT|ENOTDIR/);
});

/** The logs in a folder: a database that is closed has none. */
async function logsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /-(wal|shm)$/.test(name));
}
