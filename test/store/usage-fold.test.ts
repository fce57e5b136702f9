import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transactions } from '../../src/store/database.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { storesOver } from '../../src/store/stores.ts';
import type { CallTables } from '../../src/store/tables.ts';
import { foldUsage } from '../../src/store/usage-fold.ts';
import { masterKey } from '../master-key.ts';
import { call } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

test('counts of an appid that cannot be folded are told of, and those of others are folded', async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  await using stores = await storesOver(database, 10_000, { masterKey });
  const appids = ['1001', '1002', '1003'];
  for (const appid of appids) await stores.usage.count({ ...call, appid, day: '2020-01-31' });
  const transactions = new Transactions<CallTables>(database.calls, 10_000);
  const failing: Pick<typeof transactions, 'run'> = {
    run: (work, appid) => {
      if (appid === '1002') return Promise.reject(new Error('the machine of 1002 is away'));
      return transactions.run(work, appid);
    },
  };
  const fold = foldUsage('usage_by_day', database.calls.reader, failing, '2026-11-30');
  await assert.rejects(fold, /the machine of 1002 is away/);
  const rows = await stores.usage.report({ from: '2020-01-01', to: '2020-01-31', by: ['day'] });
  assert.deepEqual(
    rows.map(({ appid, day }) => [appid, day]),
    [
      ['1001', '2020-01'],
      ['1002', '2020-01-31'],
      ['1003', '2020-01'],
    ],
  );
});
