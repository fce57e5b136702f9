/** The program of the thread that writes: what it makes of orders, and when it empties the log. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Connection, type SqlResult, type SqlValue } from '../../src/store/dialects/sqlite/connection.ts';
import type { Answer, Command, Effect, Request } from '../../src/store/dialects/sqlite/messages.ts';
import { openForWriting, serve } from '../../src/store/dialects/sqlite/writer-thread.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

/** The program, in this thread, over a connection that notes when the log is emptied. */
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

test('a commit that was sent before a statement of its transaction failed is refused, and the next one is not', {
  timeout,
}, async (t) => {
  const thread = await serveHere(t);
  const within = (text: string) => thread.order({ ...sql(text, 'grows'), within: true } as Command);
  thread.order(sql('create table t (x unique)'));
  thread.order({ kind: 'begin' });
  assert.ok('result' in within('insert into t values (1)'));
  assert.ok('fault' in within('insert into t values (1)'));
  assert.ok('fault' in within('commit'));
  thread.order({ kind: 'rollback' });
  thread.order({ kind: 'begin' });
  assert.ok('result' in within('insert into t values (2)'));
  assert.ok('result' in within('commit'));
  const { result } = thread.order(sql('select x from t')) as Extract<Answer, { result: unknown }>;
  assert.deepEqual(
    result.rows.map(({ x }) => x),
    [2],
  );
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
