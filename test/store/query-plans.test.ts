/** No query costs more as the register grows. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { callsFileOf, openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { type Stores, storesOver } from '../../src/store/stores.ts';
import { masterKey } from '../master-key.ts';
import { callEverything } from './call-everything.ts';
import { face, limits, person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

/** Steps that read all of an appid's rows in a table, or the end of an index over them, because that is what is asked. */
const ofOneAppid = /^SEARCH (registries|tenants|buckets|data_keys) |USING COVERING INDEX groups_in_order /;

/** Steps that read every row there is, of tables that may have many: of packs there are a few. */
const rowsRead = /^SCAN (?!CONSTANT ROW|\d+-ROW VALUES|(batch|lists|packs)$|(asked|json_each) VIRTUAL TABLE)/;
const rowsReadOrSorted = new RegExp(`${rowsRead.source}|TEMP B-TREE`);

/** Queries of what calls write, which is a database of its own. */
const ofCalls = /"(usage|usage_by_day|spent_signatures)"/;

/** The queries that answer with a whole table, and so must read it. */
const wholeTables = [
  / from "keys" order by "ordinal"$/,
  / from "tenants" order by "appid"$/,
  / from "buckets" order by "bucket"$/,
  /^select "appid", "groups", "persons", "faces", "bytes" from "registries"$/,
  / from "key_uses"$/,
  // What an appid keeps is counted anew when a limit is set.
  /^update "registries" set "persons" = \(select count/,
  /^select "appid" from "registries" order by "appid"$/,
  // A few packs of networks.
  /^select \* from "packs" order by "name"$/,
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
    await setTenants(stores);
    await exportPersons(stores);
    await lookThrough(stores);
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
      // The faces of one person, and not all that are older.
      if (/^SEARCH earlier /.test(String(detail))) assert.match(String(detail), /person_id=\?/, sql);
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
  assert.equal(references, 8);
  database.close();
});

/** What the operator asks for and sets. */
async function setTenants({ of, keys, tenants, keyUses }: Stores): Promise<void> {
  assert.equal(await keys.setKey('k', { name: 'n' }), true);
  assert.equal(await tenants.add('1003', { buckets: ['b'] }), true);
  assert.equal(await tenants.set('1001', { limits: { faces: 100 }, buckets: ['album'], note: 'n' }), true);
  assert.ok((await tenants.list()).length >= 2);
  assert.equal((await tenants.list('1001')).length, 1);
  await of('1001').refuseIfFull({ faces: 1 }, { ...limits, facesMax: 100 });
  assert.equal((await keyUses()).size, 0);
}

async function openLogged(file: string, queries: Set<string>): Promise<Stores> {
  const log = ({ query }: { readonly query: { readonly sql: string } }) => void queries.add(query.sql);
  return storesOver(await openSqlite({ file, busyTimeoutMs: 5_000, log }), 30_000, { masterKey });
}

/** Reads every kind of page, in both directions, and ends a group. */
async function lookThrough(stores: Stores): Promise<void> {
  const pages = stores.pagesOf('1001');
  for (const isBackward of [false, true]) {
    for (const prefix of ['', 'a']) {
      await pages.groups(prefix, { cursor: 'b', isBackward, count: 2 });
      for (const by of ['id', 'name'] as const) {
        for (const groupId of [undefined, 'g']) {
          await pages.persons({ by, prefix, groupId }, { cursor: { id: 'a', name: '' }, isBackward, count: 2 });
        }
      }
    }
    await pages.faces('archived', { cursor: 1, isBackward, count: 2 });
    await pages.groupsOf('archived', { cursor: 1, isBackward, count: 2 });
  }
  assert.equal((await pages.person('archived'))?.faces, 1);
  assert.equal((await pages.totals()).groups, 1);
  assert.equal(await pages.membersIn('g'), 1);
  assert.ok((await stores.audit.reader.ofPerson('1001', 'archived', 5, 1_000)).length > 0);
  assert.equal(await pages.endGroup('g'), 1);
}

/** Takes persons out of a registry, with faces and without, and puts one into it. */
async function exportPersons(stores: Stores): Promise<void> {
  const archive = stores.archiveOf('1001');
  const { model, embedding, ...rest } = face('77', 'archived');
  const faces = [{ ...rest, embeddings: [{ model, embedding }] }];
  await archive.add([{ ...person('archived'), groupIds: ['g'], faces }], limits);
  const read: string[] = [];
  await archive.read({ crops: true, embeddings: true }, async (some) => void read.push(...some.map(({ id }) => id)));
  assert.equal(read[0], 'archived');
  assert.ok((await archive.findTaken(['archived'], ['77'])).faces.has('77'));
}
