/** What the thread that writes is sent, and when. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { whenSent } from '../../src/store/changes-of-transaction.ts';
import { handlesOf } from '../../src/store/dialects/sqlite/database.ts';
import type { Answer, Request } from '../../src/store/dialects/sqlite/messages.ts';
import { DatabaseThread } from '../../src/store/dialects/sqlite/thread.ts';
import type { Tables } from '../../src/store/tables.ts';

/** A thread that does nothing but note what it is sent, and answers when it is told to; no file is opened. */
function opened() {
  const waiting: Request[] = [];
  let listener = (_: Answer): void => {};
  const thread = new DatabaseThread({
    on: (event: string, given: unknown) => {
      if (event === 'message') listener = given as typeof listener;
    },
    once: () => {},
    postMessage: (order) => waiting.push(order),
  });
  /** What has been sent and not answered, by its first word. */
  const sent = async (): Promise<readonly string[]> => {
    await setImmediate();
    return waiting.map(({ command }) => ('sql' in command ? command.sql.split(' ', 1)[0]! : command.kind));
  };
  const answer = (count = waiting.length): void => {
    for (const { id } of waiting.splice(0, count)) listener({ id, result: { rows: [], changes: 1 } });
  };
  const fail = (message: string): void => listener({ id: waiting.shift()!.id, fault: { message, errcode: 5 } });
  return { writer: handlesOf<Tables>(thread, import.meta.filename).writer, sent, answer, fail };
}

const insert = (trx: Transaction<Tables>, appid: string) => trx.insertInto('tenants').values({ appid }).execute();
const forget = (trx: Transaction<Tables>, appid: string) =>
  trx.deleteFrom('tenants').where('appid', '=', appid).execute();

test('a transaction and its statements are sent as they come, and its end when they are answered', async () => {
  const { writer, sent, answer } = opened();
  const done = writer.transaction().execute((trx) => Promise.all([insert(trx, '1'), forget(trx, '2')]));
  assert.deepEqual(await sent(), ['begin', 'insert', 'delete']);
  answer();
  assert.deepEqual(await sent(), ['commit']);
  answer();
  await done;
});

test('the end of a transaction need not wait for its statements, and fails as the first of them that does', async () => {
  const { writer, sent, answer, fail } = opened();
  const done = writer.transaction().execute(async (trx) => {
    for (const appid of ['1', '2']) insert(trx, appid).catch(() => {});
    await whenSent();
  });
  assert.deepEqual(await sent(), ['begin', 'insert', 'insert', 'commit']);
  answer(2);
  for (const message of ['the disk is full', 'a statement of the transaction has failed']) fail(message);
  assert.deepEqual(await sent(), ['rollback']);
  answer();
  await assert.rejects(done, /the disk is full/);
});

test('two transactions never have the connection at once', async () => {
  const { writer, sent, answer } = opened();
  const first = writer.transaction().execute((trx) => insert(trx, '1'));
  const second = writer.transaction().execute((trx) => forget(trx, '2'));
  assert.deepEqual(await sent(), ['begin', 'insert']);
  answer();
  assert.deepEqual(await sent(), ['commit']);
  answer();
  await first;
  assert.deepEqual(await sent(), ['begin', 'delete']);
  answer();
  await sent();
  answer();
  await second;
});

test('why a transaction could not begin is why it fails, and it is not committed', async () => {
  const { writer, sent, answer, fail } = opened();
  const done = writer.transaction().execute((trx) => insert(trx, '1'));
  assert.deepEqual(await sent(), ['begin', 'insert']);
  fail('it is locked');
  fail('no transaction is open');
  assert.deepEqual(await sent(), ['rollback']);
  answer();
  await assert.rejects(done, /it is locked/);
});
