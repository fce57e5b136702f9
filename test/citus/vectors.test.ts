/** Vectors of a register that is spread over machines: each machine keeps and searches those of its appids. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { distribute } from '../../src/store/dialects/postgres/citus.ts';
import { openSharedStores } from '../../src/store/open.ts';
import type { Stores } from '../../src/store/stores.ts';
import { masterKey } from '../master-key.ts';
import { appid, expected, register, search, someQueries } from '../postgres/vector-searches.ts';
import { Random } from '../random.ts';
import { ask, type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, shards } from './home.ts';

let cluster: Cluster;
before(async () => {
  if (!skip) cluster = await startCluster();
});
after(() => cluster?.[Symbol.asyncDispose]());

for (const [name, when] of [
  ['before', 'vectors that were there when a register was spread are divided with it'],
  ['after', 'vectors of a register that is spread are divided as their faces are'],
] as const) {
  test(`${when}, and a search by them finds whom a plain search finds`, { skip }, async () => {
    const isBefore = name === 'before';
    const url = isBefore ? await cluster.makeDatabase(name) : await makeSpread(cluster, name);
    await ask(url, 'create extension vector');
    const random = new Random(1);
    const isFound = async (stores: Stores, hint: string): Promise<void> => {
      for (const query of someQueries(random)) {
        assert.deepEqual(await search(url, query), await expected(stores, query), hint);
      }
    };
    if (isBefore) {
      await using stores = await openSharedStores({ url, masterKey, statementTimeoutMs: 60_000 });
      for (let i = 0; i < 10; i++) await register(stores.of(appid), i, random);
      await stores.vectors!.on('hnsw');
      await distribute(url, shards);
    }
    await using stores = await openSharedStores({ url, masterKey, statementTimeoutMs: 60_000 });
    for (let i = 10; i < 50; i++) await register(stores.of(appid), i, random);
    if (isBefore) await isFound(stores, 'from before');
    for (const [i, index] of (['exact', 'hnsw'] as const).entries()) {
      await stores.vectors!.on(index);
      const status = await stores.vectors!.status();
      assert.deepEqual([status.state, status.vectors], [index, status.embeddings]);
      await register(stores.of(appid), 100 + i, random);
      await isFound(stores, index);
    }
    await untilWalked(url);
    const parts = await ask(
      url,
      `select result from run_command_on_shards('vectors', $$
        select attstorage from pg_attribute where attrelid = '%s'::regclass and attname = 'embedding'$$)`,
    );
    assert.deepEqual(new Set(parts.map(({ result }) => result)), new Set(['p']), 'each lies in its row itself');
    await stores.of(appid).deletePerson('p100');
    await isFound(stores, 'erased');
    await stores.vectors!.off();
    assert.equal((await stores.vectors!.status()).state, 'off');
  });
}

/** Waits until a worker tells that it has walked a graph; it does so some time after. */
async function untilWalked(url: string): Promise<void> {
  const scans = `select coalesce(sum(idx_scan), 0) from pg_stat_user_indexes where indexrelname ~ 'hnsw'`;
  for (;;) {
    const rows = await ask(url, `select result from run_command_on_workers($$${scans}$$)`);
    if (rows.some(({ result }) => Number(result) > 0)) return;
    await setTimeout(100);
  }
}
