/** What is kept of keys in memory: how often the database is asked for them, and what is not kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { storesOver } from '../../src/store/stores.ts';
import { hold } from '../hold.ts';
import { masterKey } from '../master-key.ts';
import { person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;
const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };

test('keys are read once for all calls until one of them, an appid or a bucket is changed', { timeout }, async () => {
  await using home = await sqliteHome();
  const queries: string[] = [];
  const log = ({ query }: { readonly query: { readonly sql: string } }): void => void queries.push(query.sql);
  await using stores = await storesOver(await openSqlite({ file: home.file, busyTimeoutMs: 1_000, log }), 10_000, {
    masterKey,
  });
  await stores.keys.addKey(key, []);
  const look = async (): Promise<number> => {
    queries.length = 0;
    await stores.keys.findTenant('1001');
    assert.deepEqual(await stores.keys.findKey('k'), key);
    await stores.keys.findTenant('9');
    return queries.length;
  };
  assert.equal(await look(), 4, 'the appid, the key, its data key, and the appid that is none');
  assert.equal(await look(), 1, 'what is not there is asked for each time');
  await stores.of('1001').insertPerson(person('p'));
  assert.equal(await look(), 1, 'a person says nothing of who may call');
  await stores.tenants.set('1001', { note: 'n' });
  assert.equal(await look(), 3, 'all but what is decrypted');
});

test('a key that was read before it was revoked is not kept for those who ask after it', { timeout }, async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 1_000 });
  let beforeReading = async (): Promise<void> => {};
  const executor = database.reader.getExecutor();
  const execute = executor.executeQuery.bind(executor);
  executor.executeQuery = async (...query) => {
    const rows = await execute<never>(...query);
    await beforeReading();
    return rows;
  };
  await using stores = await storesOver(database, 10_000, { masterKey });
  await stores.keys.addKey(key, []);
  const held = hold();
  beforeReading = held.pass;
  const early = stores.keys.findKey('k');
  await held.reached;
  beforeReading = async () => {};
  await stores.keys.revokeKey('k', 2);
  assert.equal((await stores.keys.findKey('k'))?.revokedAt, 2);
  held.end();
  assert.equal((await early)?.revokedAt, null, 'it was good when it was asked for');
  assert.equal((await stores.keys.findKey('k'))?.revokedAt, 2);
});
