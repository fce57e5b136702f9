/** Connections and threads: how many there may be, what they are told, and that none is left behind. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Driver, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Store } from '../../src/domain/stores.ts';
import { Connection, type SqlResult, type SqlValue } from '../../src/store/dialects/sqlite/connection.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import type { Answer, Command, Effect, Request } from '../../src/store/dialects/sqlite/messages.ts';
import { openForWriting, serve } from '../../src/store/dialects/sqlite/writer-thread.ts';
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

/** The program of the thread that writes, in this thread, over a connection that notes when the log is emptied. */
async function serveHere(t: TestContext) {
  const home = await sqliteHome();
  const attempts: string[] = [];
  class Watched extends Connection {
    override run(sql: string, parameters: readonly SqlValue[] = []): SqlResult {
      if (sql.includes('wal_checkpoint')) attempts.push(sql);
      return super.run(sql, parameters);
    }
  }
  openForWriting({ file: home.file, busyTimeoutMs: 100 }).close();
  const connection = new Watched({ file: home.file, readOnly: false, busyTimeoutMs: 100 });
  const answers: Answer[] = [];
  let [listener, isClosed, id] = [(_: Request): void => {}, false, 0];
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => home[Symbol.asyncDispose]());
  const port = {
    on: (_: 'message', given: (order: Request) => void) => {
      listener = given;
    },
    postMessage: (answer: Answer) => void answers.push(answer),
    close: () => {
      isClosed = true;
    },
  };
  serve(port, connection, { file: home.file, busyTimeoutMs: 100 });
  return {
    attempts,
    isClosed: () => isClosed,
    order(command: Command): Answer {
      listener({ id: ++id, command });
      assert.equal(answers.at(-1)?.id, id, 'each order is answered under its number');
      return answers.at(-1)!;
    },
    pass: () => t.mock.timers.tick(1_000),
  };
}

const sql = (text: string, effect: Effect = 'reads'): Command => ({ kind: 'run', sql: text, parameters: [], effect });

test('the log is emptied at the start, after deletions and after failures, and for nothing else', {
  timeout,
}, async (t) => {
  const thread = await serveHere(t);
  assert.equal(thread.attempts.length, 1, 'what was deleted before the last end');
  for (const text of ['create table t (x)', 'insert into t values (1)', 'select * from t']) thread.order(sql(text));
  thread.pass();
  assert.equal(thread.attempts.length, 1);
  thread.order(sql('delete from t', 'erases'));
  assert.equal(thread.attempts.length, 1, 'not at once');
  thread.pass();
  assert.equal(thread.attempts.length, 2);
  const { fault } = thread.order(sql('nonsense')) as Extract<Answer, { fault: unknown }>;
  assert.deepEqual([fault.message, fault.errcode], ['near "nonsense": syntax error', 1]);
  thread.pass();
  assert.equal(thread.attempts.length, 3);
  thread.order({ kind: 'close' });
  assert.equal(thread.attempts.length, 4);
  assert.ok(thread.isClosed());
});

test('an order to roll back does so, and nothing where there is no transaction', { timeout }, async (t) => {
  const thread = await serveHere(t);
  const nothing = { rows: [], changes: 0 };
  const resultOf = (answer: Answer) => ('result' in answer ? answer.result : answer.fault);
  thread.order(sql('create table t (x)'));
  assert.deepEqual(resultOf(thread.order({ kind: 'rollback' })), nothing);
  thread.order(sql('begin immediate'));
  thread.order(sql('insert into t values (1)'));
  assert.ok('result' in thread.order({ kind: 'rollback' }));
  assert.deepEqual(resultOf(thread.order(sql('select * from t'))), nothing);
  assert.equal(thread.isClosed(), false);
  assert.deepEqual(resultOf(thread.order({ kind: 'close' })), nothing);
});

test('what was sent for a transaction that is not open, since it could not begin or SQLite ended it, is not written', {
  timeout,
}, async (t) => {
  const thread = await serveHere(t);
  const within = { ...sql('insert into t values (1)', 'grows'), within: true } as const;
  thread.order(sql('create table t (x)'));
  assert.ok('fault' in thread.order(within));
  thread.order({ kind: 'begin' });
  assert.ok('result' in thread.order(within));
  thread.order(sql('rollback'));
  assert.ok('fault' in thread.order(within));
  assert.ok('fault' in thread.order({ ...sql('commit'), within: true } as Command));
  assert.deepEqual(thread.order(sql('select * from t')), { id: 8, result: { rows: [], changes: 0 } });
});

test('statements of one order are kept all or none, and one that failed leaves no transaction open', {
  timeout,
}, async (t) => {
  const thread = await serveHere(t);
  const insert = (text: string) => ({ sql: text, parameters: [], effect: 'grows' }) as const;
  const commit = (...texts: string[]): Answer => thread.order({ kind: 'commit', statements: texts.map(insert) });
  thread.order(sql('create table t (x)'));
  const { fault } = commit('insert into t values (1)', 'nonsense') as Extract<Answer, { fault: unknown }>;
  assert.match(fault.message, /nonsense/);
  assert.ok('result' in commit('insert into t values (2)', 'insert into t values (3)'));
  const rows = thread.order(sql('select x from t')) as Extract<Answer, { result: unknown }>;
  assert.deepEqual(
    rows.result.rows.map(({ x }) => x),
    [2, 3],
  );
});
