/** Statements of a transaction that nobody waits for one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangesOfTransaction } from '../../src/store/changes-of-transaction.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

test('of statements that failed, the one is told for which the others did', async () => {
  const changes = new ChangesOfTransaction(new Promise(() => {}));
  for (const code of ['25P02', '40001', '40P01', '25P02']) changes.owe(Promise.reject(failure(code)));
  await assert.rejects(changes.settle(), { code: '40001' });
  await changes.settle();
  changes.owe(Promise.reject(failure('25P02')));
  await assert.rejects(changes.settle(), { code: '25P02' });
});
