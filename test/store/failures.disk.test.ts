/** What happens when SQLite, its file or the thread that writes fails. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { call, isStorageFailure, person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

test('a file that is no database is named and left as it is', async () => {
  await using home = await sqliteHome();
  const text = 'A text, and not a short one either, so that there is a whole header to be wrong.\n'.repeat(100);
  await writeFile(home.file, text);
  await assert.rejects(
    home.open(),
    (error: Error) => error.message.includes(home.file) && /not a database/.test(error.message),
  );
  assert.equal((await stat(home.file)).size, text.length);
});

test('a folder that is not there is an error that names the file', async () => {
  await using home = await sqliteHome();
  const file = join(home.folder, 'nowhere', 'familiar.sqlite');
  await assert.rejects(openStores({ file, masterKey }), (error: Error) => error.message.includes(file));
});

test('a database of a newer version is refused by name, and left as it is', async () => {
  await using home = await sqliteHome();
  await (await home.open())[Symbol.asyncDispose]();
  const newer = new DatabaseSync(home.file);
  newer.exec(`insert into kysely_migration values ('9999', '2100-01-01T00:00:00.000Z')`);
  await assert.rejects(home.open(), /version 9999.*versions up to \d{4} only/);
  newer.exec(`delete from kysely_migration where name = '9999'`);
  newer.close();
  await using stores = await home.open();
  await stores.check();
});

test('an interrupted migration leaves nothing behind', async () => {
  await using home = await sqliteHome();
  const foreign = new DatabaseSync(home.file);
  foreign.exec('create table keys (something text)');
  await assert.rejects(home.open(), /keys.*already exists/);
  const tables = foreign.prepare(`select name from sqlite_master where type = 'table'`).all();
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['keys'],
  );
  foreign.close();
});

test('the file and its companions can be read by their owner only', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.of('1001').insertPerson(person('p'));
  for (const suffix of ['', '-wal', '-shm']) {
    assert.equal((await stat(home.file + suffix)).mode & 0o777, 0o600, `mode of ${suffix || 'the file'}`);
  }
});

test('a write that another process locks out for too long fails, and harms neither reads nor later writes', async () => {
  await using home = await sqliteHome();
  const busyTimeoutMs = 1_000;
  await using stores = await openStores({ file: home.file, masterKey, busyTimeoutMs });
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const other = new DatabaseSync(home.file);
  other.exec('begin immediate');
  const busy = (error: unknown) => (error as { errcode?: number }).errcode === 5;
  await assert.rejects(store.insertPerson(person('q')), (error: Error) => isStorageFailure(error) && busy(error.cause));
  await stores.usage.count(call);
  await assert.rejects(stores.keys.revokeKey('k', 1), busy);
  assert.deepEqual(await store.findPerson('p'), person('p'));
  // Whoever comes after the one who waited in vain waits no more.
  const begun = performance.now();
  for (let i = 0; i < 20; i++) await assert.rejects(store.insertPerson(person('q')), isStorageFailure);
  await assert.rejects(stores.check(), /another process has locked .*familiar.sqlite/);
  assert.ok(performance.now() - begun < 5 * busyTimeoutMs);
  other.exec('rollback');
  other.close();
  assert.equal(await store.insertPerson(person('q')), true);
  await stores.check();
});

test('a write waits for another process that is done in time', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const other = new DatabaseSync(home.file);
  other.exec('begin immediate');
  const writing = stores.of('1001').insertPerson(person('p'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  other.exec('commit');
  other.close();
  assert.equal(await writing, true);
});

test('when the thread that writes dies, everything outstanding is refused, and reading goes on', async () => {
  await using home = await sqliteHome();
  const started = once(process, 'worker') as Promise<[Worker]>;
  await using stores = await home.open();
  const [worker] = await started;
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const writing = Array.from({ length: 50 }, (_, i) => store.insertPerson(person(String(i))));
  const open = store.write(async (store) => {
    await store.insertPerson(person('q'));
    await new Promise(() => {});
  });
  const counting = stores.usage.count(call);
  const settled = Promise.allSettled(writing);
  await writing[0];
  await worker.terminate();
  await assert.rejects(open, isStorageFailure);
  await counting;
  const outcomes = await settled;
  await assert.rejects(store.insertPerson(person('r')), isStorageFailure);
  assert.deepEqual(await store.findPerson('p'), person('p'));
  await assert.rejects(stores.check(), /has ended/);
  await using again = await home.open();
  for (const [i, { status }] of outcomes.entries()) {
    if (status === 'fulfilled') assert.notEqual(await again.of('1001').findPerson(String(i)), undefined);
  }
  assert.equal(await again.of('1001').findPerson('q'), undefined);
});
