/** A register that is spread over machines: what it keeps, who is asked, and whom the loss of a machine concerns. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LogEvent } from 'kysely';
import pg from 'pg';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { openTarget } from '../../src/store/copy/open.ts';
import { distribute, rebalance } from '../../src/store/dialects/postgres/citus.ts';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { storesOver } from '../../src/store/stores.ts';
import { runHere } from '../cli/terminal.ts';
import { photograph, signFor, startApp, type TestApp } from '../harness.ts';
import { masterKey } from '../master-key.ts';
import { callEverything } from '../store/call-everything.ts';
import { call, idsOf, registerWithFace, reportMonth } from '../store/fixtures.ts';
import { ask, type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, shards, tenantsApart } from './home.ts';

let cluster: Cluster;
before(async () => {
  if (!skip) cluster = await startCluster();
});
after(() => cluster?.[Symbol.asyncDispose]());

const appids = Array.from({ length: 8 }, (_, i) => `${2001 + i}`);

test('what a register held before it was spread is there, once, and it is spread once', { skip }, async () => {
  const url = await cluster.makeDatabase('kept');
  await using stores = await openSharedStores({ url, masterKey, statementTimeoutMs: 60_000 });
  for (const appid of appids) await registerWithFace(stores.of(appid), 'p', 'g', `${appid}1`);
  await stores.usage.count(call);
  const first = await runHere('database', 'distribute', '--database', url, '--shards', `${shards}`);
  assert.deepEqual([first.exitCode, first.errors], [0, '']);
  assert.match(
    first.output,
    /^Divided by appid into 4 parts on 2 workers: .*\bembeddings, faces\b.*\.\nWhole on each machine: .*\bkeys\b/,
  );
  const again = await runHere('database', 'distribute', '--database', url, '--shards', '64', '--json');
  assert.deepEqual(
    { ...JSON.parse(again.output), divided: [], everywhere: [] },
    { spread: [], divided: [], everywhere: [], shards, workers: 2 },
  );
  for (const appid of appids) {
    const store = stores.of(appid);
    assert.equal((await store.embeddingsOf('p', 'sha256:0')).length, 1);
    await registerWithFace(store, 'q', 'g', `${appid}2`);
    assert.deepEqual(idsOf(await store.membersOf('g')), ['p', 'q']);
    assert.equal(await store.deletePerson('p'), true);
    assert.deepEqual(await store.findCrops([`${appid}1`]), []);
  }
  assert.equal((await reportMonth(stores.usage)).length, 1);
  // Nothing is left behind on the machine that held it before.
  const left = await ask(url, `select pg_relation_size('faces') as faces, pg_relation_size('crops') as crops`);
  assert.deepEqual(left, [{ faces: '0', crops: '0' }]);
});

test('an even register has nothing to move, and parts move to a machine that comes', { skip }, async () => {
  const url = await makeSpread(cluster, 'evened');
  const even = await runHere('database', 'rebalance', '--database', url);
  assert.equal(even.output, 'There is nothing to move: the parts of the tables are even on 2 workers.\n');
  const [worker] = await ask(url, 'select nodename, nodeport from pg_dist_node where groupid = 2');
  await ask(url, `select citus_drain_node('${worker!.nodename}', ${worker!.nodeport}, 'force_logical')`);
  await ask(
    url,
    `select citus_set_node_property('${worker!.nodename}', ${worker!.nodeport}, 'shouldhaveshards', true)`,
  );
  assert.equal((await rebalance(url)).state, 'began');
  assert.match((await rebalance(url)).state, /^(running|even)$/);
  await ask(url, 'select citus_rebalance_wait()');
  const [held] = await ask(url, `select count(distinct nodeport)::int as machines from citus_shards`);
  assert.equal(held!.machines, 3);
  assert.equal((await rebalance(url)).state, 'even');
});

test('every statement of a call has to do with one part of the tables', { skip }, async () => {
  const url = await makeSpread(cluster, 'routed');
  const statements = new Map<string, readonly unknown[]>();
  const log = ({ query }: LogEvent): void => void statements.set(query.sql, query.parameters);
  {
    const database = await openPostgres({ url, statementTimeoutMs: 60_000, log });
    await using stores = await storesOver(database, 60_000, { masterKey });
    statements.clear();
    await callEverything(stores);
  }
  await using opened = new AsyncDisposableStack();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  opened.defer(() => client.end());
  let divided = 0;
  for (const [sql, parameters] of statements) {
    if (!/^(select|insert|update|delete)/.test(sql) || ofAllAppids.some((one) => one.test(sql))) continue;
    // Citus explains no statement with parameters that is more than one to it.
    const text = sql.replace(/\$(\d+)/g, (_, number) => literalOf(parameters[Number(number) - 1]));
    const { rows } = await client.query(`explain ${text}`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const tasks = [...plan.matchAll(/Task Count: (\d+)/g)].map(([, count]) => Number(count));
    assert.ok(
      tasks.every((count) => count <= 1),
      `${sql}\n${plan}`,
    );
    if (tasks.length > 0) divided += 1;
  }
  assert.ok(divided > 30, `${divided} of ${statements.size}`);
});

function literalOf(value: unknown): string {
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`;
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value);
}

/** What no call asks for: starts, reports, and what is tidied up once a day. */
const ofAllAppids = [
  /^select "appid" from "registries" order by "appid"$/,
  /^select count\(\*\) as "faces" from "embeddings"/,
  /from "usage[a-z_]*" where "?(month|day)"?/,
  /from "(statements|tenants|key_uses)" order by/,
];

test('whom a lost machine does not concern notices nothing, and nobody loses anything', { skip }, async () => {
  const url = await makeSpread(cluster, 'crashed');
  await using server = await startApp({ database: url });
  const [lost, kept] = await tenantsApart(cluster, url, server.app.stores);
  const image = (await photograph(1)).toString('base64');
  const enrol = (appid: string, id: string) =>
    callAs(server, appid, 'newperson', { person_id: id, group_ids: ['g'], image });
  for (const appid of [lost, kept]) assert.equal((await enrol(appid, 'before')).code, 0);
  await cluster.stop(1);
  for (let i = 0; i < 3; i++) {
    const [gone, there] = await Promise.all([timed(enrol(lost, `lost${i}`)), timed(enrol(kept, `kept${i}`))]);
    assert.match(String(gone.code), /^(108|-1200)$/);
    assert.ok(gone.ms < 5_000, `${gone.ms} ms`);
    assert.equal(there.code, 0);
    assert.deepEqual((await callAs(server, kept, 'identify', { group_id: 'g', image })).code, 0);
    assert.equal((await callAs(server, kept, 'getinfo', { person_id: 'before' })).code, 0);
    assert.equal((await callAs(server, kept, 'delperson', { person_id: `kept${i}` })).code, 0);
    assert.match(String((await callAs(server, lost, 'getinfo', { person_id: 'before' })).code), /^(108|-1200)$/);
    // As the other servers would have this one do.
    await ask(url, `notify familiar_changes, 'another ${lost} ${kept}'`);
    assert.equal((await fetch(`${server.app.url}/readyz`)).status, 200);
  }
  await cluster.start(1);
  assert.equal((await callAs(server, lost, 'getinfo', { person_id: 'before' })).code, 0);
  for (let i = 0; i < 3; i++)
    assert.equal((await callAs(server, lost, 'getinfo', { person_id: `lost${i}` })).code, -1303);
  assert.equal((await enrol(lost, 'after')).code, 0);
  assert.equal((await callAs(server, lost, 'identify', { group_id: 'g', image })).code, 0);
});

async function callAs(
  server: TestApp,
  appid: string,
  endpoint: 'newperson' | 'identify' | 'getinfo' | 'delperson',
  fields: object,
) {
  const key = { appid, secretId: appid, secretKey: 's', createdAt: 1, revokedAt: null };
  return server.json(endpoint, { ...fields, appid }, { authorization: signFor(key) });
}

async function timed<T extends object>(work: Promise<T>): Promise<T & { readonly ms: number }> {
  const start = performance.now();
  return { ...(await work), ms: performance.now() - start };
}

test('a register moves from a folder to a cluster and back, and is the same', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-citus-'));
  t.after(() => rm(folder, { recursive: true }));
  const url = await makeEmptySpread();
  const [data, back] = [join(folder, 'data'), join(folder, 'back')];
  const opened = (flags: object) => openData(readSettings({ data, ...flags }, undefined, {}));
  {
    await using stores = await opened({});
    for (const appid of appids) await registerWithFace(stores.of(appid), 'p', 'g', `${appid}1`);
  }
  for (const [from, to] of [
    [data, url],
    [url, back],
  ] as const) {
    const { exitCode, errors } = await runHere('copy', '--data', data, '--from', from, '--to', to);
    assert.equal(exitCode, 0, errors);
    await using stores = await opened(to === url ? { database: url } : { data: back });
    for (const appid of appids) assert.equal((await stores.of(appid).embeddingsOf('p', 'sha256:0')).length, 1);
  }
});

/** A spread register that nothing was ever in. */
async function makeEmptySpread(): Promise<string> {
  const url = await cluster.makeDatabase('moved');
  await using database = await openTarget({ url });
  assert.equal(database.isDivided, false);
  await distribute(url, shards);
  return url;
}
