import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { borrowDatabase } from '../postgres/lend.ts';
import { runHere } from './terminal.ts';

test('a register is spread where Citus is, and nowhere else; the reason is told', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-database-'));
  t.after(() => rm(folder, { recursive: true }));
  await using empty = await borrowDatabase();
  await using bare = await borrowDatabase();
  await (await openSharedStores({ url: bare.url, masterKey }))[Symbol.asyncDispose]();
  for (const command of ['distribute', 'rebalance']) {
    for (const [words, reason] of [
      [['--data', folder], /a register in a folder is on one machine: name a PostgreSQL database with --database/],
      [['--database', bare.url], /127\.0\.0\.1:\d+\/test_\w+: the extension citus is not in it: install Citus/],
    ] as const) {
      const { exitCode, errors, output } = await runHere('database', command, ...words);
      assert.deepEqual([exitCode, output], [1, '']);
      assert.match(errors, reason);
    }
  }
  assert.match(
    (await runHere('database', 'distribute', '--database', empty.url)).errors,
    /there is no register in it yet/,
  );
  for (const shards of ['0', 'x', '5000']) {
    const { exitCode, errors } = await runHere('database', 'distribute', '--database', bare.url, '--shards', shards);
    assert.equal(exitCode, 2);
    assert.match(errors, /--shards is a number from 1 to 1024/);
  }
});
