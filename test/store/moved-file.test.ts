/** A database's file that is moved away or replaced while it is open: nothing is written where it would be lost. */
import assert from 'node:assert/strict';
import { copyFile, rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { callsFileOf } from '../../src/store/dialects/sqlite/database.ts';
import { call, isStorageFailure, person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

test('while the file is away nothing is written, what is open is read, and all goes on when it is back', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  assert.notEqual(await store.findPerson('p'), undefined);
  const away = `${home.file}.away`;
  await rename(home.file, away);
  await assert.rejects(stores.check(), /familiar.sqlite was moved away while it was open: put it back/);
  await assert.rejects(store.insertPerson(person('q')), isStorageFailure);
  assert.deepEqual(await store.findPerson('p'), person('p'));
  await stores.usage.count(call);
  await rename(away, home.file);
  await stores.check();
  assert.equal(await store.insertPerson(person('q')), true);
});

test('a file in the place of the one that is open is neither written nor read', { timeout }, async () => {
  await using home = await sqliteHome();
  const away = `${home.file}.away`;
  {
    await using stores = await home.open();
    await stores.of('1001').insertPerson(person('p'));
  }
  await copyFile(home.file, `${home.file}.copy`);
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.deletePerson('p');
  await rename(home.file, away);
  await rename(`${home.file}.copy`, home.file);
  await assert.rejects(stores.check(), /was replaced while it was open/);
  await assert.rejects(store.insertPerson(person('q')), isStorageFailure);
  // More snapshots than connections are kept: some are opened now.
  const found = await Promise.allSettled(
    Array.from({ length: 8 }, () =>
      store.read(async (snapshot) => {
        await new Promise(setImmediate);
        return snapshot.findPerson('p');
      }),
    ),
  );
  for (const one of found) assert.ok(one.status === 'rejected' || one.value === undefined, 'another file was read');
  assert.ok(
    found.some(({ status }) => status === 'rejected'),
    'another file was opened',
  );
  await rm(home.file);
  await rename(away, home.file);
  assert.equal(await store.insertPerson(person('p')), true);
});

test('counts that would be lost are refused as well', { timeout }, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const file = callsFileOf(home.file);
  await rename(file, `${file}.away`);
  await assert.rejects(stores.usage.count(call), /moved away/);
  await assert.rejects(stores.check(), /familiar-calls.sqlite was moved away/);
  await rename(`${file}.away`, file);
  await stores.usage.count(call);
  await stores.check();
});
