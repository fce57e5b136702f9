/** A register that an older version spread over machines is brought up to date by the next start of a server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { registryMigrations } from '../../src/store/migrations.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { callTableKinds, tableKinds } from '../../src/store/table-kinds.ts';
import { masterKey } from '../master-key.ts';
import { idsOf, registerWithFace } from '../store/fixtures.ts';
import { ask, type Cluster, skip, startCluster } from './cluster.ts';

let cluster: Cluster;
before(async () => {
  if (!skip) cluster = await startCluster();
});
after(() => cluster?.[Symbol.asyncDispose]());

/** The last migration of the oldest version that could spread a register. */
const oldest = '0010';
/** How the tables of that version were spread; later ones have more. */
const kinds = Object.entries({ ...tableKinds, ...callTableKinds });

/** Makes the tables of the oldest version, with a person of two appids, and spreads them. */
async function makeOlder(url: string): Promise<void> {
  await using database = await openPostgres({ url, statementTimeoutMs: 60_000 });
  const db = database.writer as unknown as Kysely<never>;
  const all = registryMigrations(database.writer, database.calls.writer);
  const older = Object.fromEntries(Object.entries(all).filter(([name]) => name <= oldest));
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => older } }).migrateToLatest();
  assert.equal(error, undefined);
  for (const [name, { spread }] of kinds) {
    const { rows } = await sql`select 1 where to_regclass(${name}) is not null`.execute(db);
    if (rows.length === 0 || spread === 'coordinator') continue;
    if (spread === 'everywhere') await sql`select create_reference_table(${name})`.execute(db);
    else if (name === 'registries') {
      await sql`select create_distributed_table(${name}, 'appid', colocate_with => 'none', shard_count => 4)`.execute(
        db,
      );
    } else await sql`select create_distributed_table(${name}, 'appid', colocate_with => 'registries')`.execute(db);
  }
  for (const appid of ['1001', '1002']) {
    await sql`insert into registries (appid, groups) values (${appid}, 0)`.execute(db);
    await sql`insert into persons values (${appid}, 'old', '', '')`.execute(db);
    await sql`
      insert into faces values (${appid}, ${`${appid}1`}, 'old', 1, '', 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0)`.execute(db);
  }
  await sql`insert into pack_in_use values (1, 'builtin', 'sha256:0')`.execute(db);
}

test('a register that an older version spread is brought up to date, and all of its new tables are spread', {
  skip,
}, async () => {
  const url = await cluster.makeDatabase('older');
  await makeOlder(url);
  await using stores = await openSharedStores({ url, masterKey, statementTimeoutMs: 60_000 });
  for (const appid of ['1001', '1002']) {
    const store = stores.of(appid);
    assert.equal((await store.findPerson('old'))?.id, 'old');
    assert.deepEqual(idsOf(await store.facesOf('old')), [`${appid}1`]);
    await registerWithFace(store, 'new', 'g', `${appid}2`);
    assert.deepEqual(await stores.retention.due(appid, 0, '', 10), [], 'who was there counts as seen on this day');
  }
  assert.deepEqual(
    (await stores.packs.list()).map(({ name, state }) => [name, state]),
    [['builtin', 'in use']],
  );
  await stores.tenants.add('1001', {});
  assert.deepEqual(
    (await stores.tenants.list('1001')).map(({ kept }) => kept.faces),
    [2],
  );
  const rows = await ask(url, 'select logicalrelid::text as name from pg_dist_partition');
  const spread = new Set(rows.map(({ name }) => name));
  const missing = kinds.filter(([name, kind]) => kind.spread !== 'coordinator' && !spread.has(name));
  assert.deepEqual(missing, []);
});
