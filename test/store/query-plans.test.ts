/** No query costs more as the register grows. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { callsFileOf, openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { type Stores, storesOver } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { act, call, changesSince, face, idsOf, limits, person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

/** Steps that read all of an appid's rows in a table, or the end of an index over them, because that is what is asked. */
const ofOneAppid = /^SEARCH (registries|tenants|buckets|data_keys) |USING COVERING INDEX groups_in_order /;

/** Steps that read every row there is. */
const rowsRead = /^SCAN (?!CONSTANT ROW|\d+-ROW VALUES|(batch|lists)$|(asked|json_each) VIRTUAL TABLE)/;
const rowsReadOrSorted = new RegExp(`${rowsRead.source}|TEMP B-TREE`);

/** Queries of what calls write, which is a database of its own. */
const ofCalls = /"(usage|usage_by_day|spent_signatures)"/;

/** The queries that answer with a whole table, and so must read it. */
const wholeTables = [
  / from "keys" order by "ordinal"$/,
  /^select "appid" from "registries" order by "appid"$/,
  / from "statements"( where "appid" = \?)? order by "appid", "month"$/,
  /^select count\(\*\) as "faces" from "embeddings" where "model" = \?$/,
];

test('no query scans a table, walks an appid or sorts rows, but those whose answer is all of it', async () => {
  await using home = await sqliteHome();
  const queries = new Set<string>();
  {
    await using stores = await openLogged(home.file, queries);
    queries.clear();
    await callEverything(stores);
  }
  assert.ok(queries.size > 30);
  const database = new DatabaseSync(home.file, { readOnly: true });
  const calls = new DatabaseSync(callsFileOf(home.file), { readOnly: true });
  for (const sql of queries) {
    assert.doesNotMatch(sql, /limit \?/, 'it would be prepared anew each time');
    if (wholeTables.some((query) => query.test(sql))) continue;
    // A report adds up what it was asked for, and that alone.
    const isReport = / from "usage_(of_writes_)?by_day" .* group by |^select distinct appid .* from "usage_/.test(sql);
    // What a query has limited to a batch, or put together as lists, is read whole, and so is a list that was asked for, which may be sorted.
    const isList = sql.includes('json_each(');
    for (const { detail } of (ofCalls.test(sql) ? calls : database).prepare(`explain query plan ${sql}`).all()) {
      assert.doesNotMatch(String(detail), isList || isReport ? rowsRead : rowsReadOrSorted, sql);
      if (!ofOneAppid.test(String(detail))) assert.doesNotMatch(String(detail), /\(appid=\?\)/, sql);
    }
  }
  database.close();
  calls.close();
});

test('whatever goes with a deleted row is found by an index', async () => {
  await using home = await sqliteHome();
  await (await home.open())[Symbol.asyncDispose]();
  const database = new DatabaseSync(home.file, { readOnly: true });
  const columns = (pragma: string, argument: unknown) =>
    database.prepare(`select * from ${pragma}(?) order by 1, 2`).all(String(argument));
  const tables = database.prepare(`select name from sqlite_master where type = 'table'`).all();
  let references = 0;
  for (const { name: table } of tables) {
    const indexes = columns('pragma_index_list', table).map(({ name }) =>
      columns('pragma_index_info', name).map(({ name }) => name),
    );
    const keys = Map.groupBy(columns('pragma_foreign_key_list', table), ({ id }) => id);
    for (const key of keys.values()) {
      const from = key.map(({ from }) => from);
      references += 1;
      assert.ok(
        indexes.some((index) => from.every((column, i) => index[i] === column)),
        `${table} (${from}) has no index`,
      );
    }
  }
  assert.equal(references, 5);
  database.close();
});

async function openLogged(file: string, queries: Set<string>): Promise<Stores> {
  const log = ({ query }: { readonly query: { readonly sql: string } }) => void queries.add(query.sql);
  return storesOver(await openSqlite({ file, busyTimeoutMs: 5_000, log }), 30_000, { masterKey });
}

/** Calls every method of every port, so that each runs all of its queries. */
async function callEverything(stores: Stores): Promise<void> {
  const store = stores.of('1001');
  const small = { groupsMax: 1, personsPerGroupMax: 1, facesPerPersonMax: 20 };
  for (const id of ['p', 'q']) await store.insertPerson(person(id));
  for (const change of [{ name: 'n', tag: 't' }, { name: 'n' }, { tag: 't' }, {}])
    await store.updatePerson('p', change);
  assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 1 });
  assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 0 });
  assert.deepEqual(await store.joinGroups('q', ['g'], small), { refusal: 'tooManyPersons', groupId: 'g' });
  assert.deepEqual(await store.joinGroups('q', ['h'], small), { refusal: 'tooManyGroups', groupId: 'h' });
  assert.deepEqual(await store.joinGroups('q', ['g'], limits), { joined: 1 });
  for (const id of ['1', '2', '3']) await store.insertFace(face(id, 'p'), small);
  await Array.fromAsync(stores.feedOf('1001').contents('sha256:0', 1));
  await store.read(async (store) => {
    assert.notEqual(await store.findPerson('p'), undefined);
    assert.notEqual(await store.findFace('1'), undefined);
    assert.equal(idsOf(await store.facesOf('p'))?.length, 3);
    assert.equal((await store.embeddingsOf('p', 'sha256:0')).length, 3);
    assert.deepEqual(idsOf(await store.groupsOf('p')), ['g']);
    assert.deepEqual(idsOf((await store.findDetails('p'))?.groupIds), ['g']);
    assert.deepEqual(idsOf(await store.groups()), ['g']);
    assert.deepEqual(idsOf(await store.membersOf('g')), ['p', 'q']);
    assert.equal(await store.hasAnyGroup(['h', 'g']), true);
    assert.equal((await store.findFaces(['1', '9'])).length, 1);
    assert.equal((await store.findEmbeddings(['1', '9'], 'sha256:0')).length, 1);
  });
  assert.deepEqual(await store.deleteFaces('p', ['1', '2']), ['1', '2']);
  assert.equal(await store.leaveGroups('q', ['g']), 1);
  assert.equal(await store.deletePerson('p'), true);
  await callFeed(stores);
  await callTheRest(stores);
}

async function callFeed(stores: Stores): Promise<void> {
  assert.deepEqual(await stores.appids(), ['1001']);
  assert.equal(await stores.countFaces('sha256:0'), 0);
  const feed = stores.feedOf('1001');
  const last = await feed.position();
  assert.equal((await changesSince(feed, 0, 'sha256:0'))?.position, last);
  await Array.fromAsync(feed.contents('sha256:0', 1));
  await feed.prune(last);
  assert.equal(await changesSince(feed, 0, 'sha256:0'), undefined);
}

async function callTheRest({ of, keys, usage, statements, foldUsage }: Stores): Promise<void> {
  const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
  assert.equal(await keys.addKey(key, ['album']), true);
  assert.notEqual(await keys.findTenant('1001'), undefined);
  assert.notEqual(await keys.findKey('k'), undefined);
  assert.equal((await keys.listKeys()).length, 1);
  assert.equal(await keys.revokeKey('k', 2), true);
  assert.equal(await keys.spendSignature('1001', new Uint8Array(32)), true);
  await usage.count(call);
  const writes = { call: () => call, act: () => act, counted: () => {}, took: () => {} };
  await of('1001', writes).write((store) => store.insertPerson(person('counted')));
  for (const appid of [undefined, call.appid]) {
    for (const by of [['day', 'month', 'secretId', 'endpoint', 'code'], []] as const) {
      for (const to of ['2026-11-30', '2026-12-01'])
        assert.equal((await usage.report({ from: '2026-11-30', to, appid, by })).length, 1);
    }
  }
  await usage.count({ ...call, day: '2020-01-01' });
  await foldUsage('2026-11-30');
  assert.notEqual(await statements.close('1001', '2026-11', async () => '{}'), undefined);
  assert.equal((await statements.list()).length, 1);
}
