/** When SQLite's log is emptied, so that what was deleted leaves the disk and nobody is held up by it. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Connection, type SqlResult, type SqlValue } from '../../src/store/dialects/sqlite/connection.ts';
import { LogTruncator } from '../../src/store/dialects/sqlite/log-truncator.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 10_000;
const busyTimeoutMs = 4_000;
/** How long a deletion waits for others, in milliseconds. */
const delayMs = 200;

/** A connection that tells how long each attempt to empty the log would wait for others, and fails on demand. */
class WatchedConnection extends Connection {
  readonly attempts: unknown[] = [];
  isFull = false;

  override run(sql: string, parameters: readonly SqlValue[] = []): SqlResult {
    if (sql.includes('wal_checkpoint')) {
      this.attempts.push(super.run('pragma busy_timeout').rows[0]?.timeout);
      if (this.isFull) throw new Error('database or disk is full');
    }
    return super.run(sql, parameters);
  }
}

/** A database with something in its log, the truncator over it, and a clock that the test turns. */
async function open(t: TestContext) {
  const home = await sqliteHome();
  const connection = new WatchedConnection({ file: home.file, readOnly: false, busyTimeoutMs });
  connection.run('pragma journal_mode = wal');
  connection.run('create table secrets (secret)');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => home[Symbol.asyncDispose]());
  return {
    connection,
    truncator: new LogTruncator(connection, busyTimeoutMs),
    openOther: () => new DatabaseSync(home.file),
    logBytes: () => statSync(`${home.file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    pass: (ms: number) => t.mock.timers.tick(ms),
  };
}

test('a moment after a deletion the log is emptied, once for all deletions until then', { timeout }, async (t) => {
  const { connection, truncator, logBytes, pass } = await open(t);
  using _ = { [Symbol.dispose]: () => connection.close() };
  truncator.eraseSoon();
  pass(delayMs - 1);
  truncator.eraseSoon();
  assert.ok(logBytes() > 0);
  pass(1);
  assert.equal(logBytes(), 0);
  pass(10 * delayMs);
  assert.equal(connection.attempts.length, 1);
});

test('a log that is emptied earlier than it was to be is not emptied once more', { timeout }, async (t) => {
  const { connection, truncator, pass } = await open(t);
  using _ = { [Symbol.dispose]: () => connection.close() };
  truncator.eraseSoon();
  truncator.erase();
  pass(10 * delayMs);
  assert.equal(connection.attempts.length, 1);
});

test('while a snapshot needs the log nobody waits, and it is emptied soon after', { timeout }, async (t) => {
  const { connection, truncator, openOther, logBytes, pass } = await open(t);
  using _ = { [Symbol.dispose]: () => connection.close() };
  using reader = openOther();
  reader.exec('begin; select * from secrets');
  connection.run('insert into secrets values (1)');
  truncator.erase();
  pass(delayMs);
  assert.ok(logBytes() > 0);
  assert.deepEqual(connection.attempts, [0, 0]);
  assert.equal(connection.run('pragma busy_timeout').rows[0]?.timeout, busyTimeoutMs, 'writes wait for others again');
  reader.exec('commit');
  pass(delayMs);
  assert.equal(logBytes(), 0);
  assert.equal(connection.attempts.length, 3);
});

test('a transaction of its own is not disturbed, and the log is emptied soon after', { timeout }, async (t) => {
  const { connection, truncator, logBytes, pass } = await open(t);
  using _ = { [Symbol.dispose]: () => connection.close() };
  connection.run('begin immediate');
  connection.run('insert into secrets values (1)');
  truncator.eraseSoon();
  pass(delayMs);
  assert.deepEqual(connection.attempts, []);
  connection.run('commit');
  pass(delayMs);
  assert.equal(logBytes(), 0);
});

test('a disk that is full delays it only, and lets later writes wait for others as before', { timeout }, async (t) => {
  const { connection, truncator, logBytes, pass } = await open(t);
  using _ = { [Symbol.dispose]: () => connection.close() };
  connection.isFull = true;
  truncator.erase();
  assert.ok(logBytes() > 0);
  assert.equal(connection.run('pragma busy_timeout').rows[0]?.timeout, busyTimeoutMs);
  connection.isFull = false;
  pass(delayMs);
  assert.equal(logBytes(), 0);
});

test('closing empties the log, and nothing is tried afterwards', { timeout }, async (t) => {
  const { connection, truncator, logBytes, pass } = await open(t);
  truncator.eraseSoon();
  truncator.close();
  assert.equal(logBytes(), 0);
  connection.close();
  pass(delayMs);
});

test('closing in the middle of a transaction does not try', { timeout }, async (t) => {
  const { connection, truncator, pass } = await open(t);
  connection.run('begin immediate');
  truncator.eraseSoon();
  truncator.close();
  assert.deepEqual(connection.attempts, []);
  connection.close();
  pass(delayMs);
});
