/** What a reading of every encrypted value finds, and that it finds nothing else. */
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Kysely, KyselyPlugin } from 'kysely';
import { checkValues, type DamagedRow, findIncomplete } from '../../src/store/check-values.ts';
import { openSqliteToRead } from '../../src/store/dialects/sqlite/database.ts';
import { encrypt } from '../../src/store/encryption/cipher.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import type { Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import { face, limits, person, registerWithFace } from './fixtures.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

const model = 'sha256:0';
/** As many rows as are read at once. */
const batchSize = 500;
const keyOf = (appid: string) => ({ appid, secretId: `id-${appid}`, secretKey: 's', createdAt: 1, revokedAt: null });

/** Makes a register of two appids with a key and a face each. */
async function register(home: SqliteHome): Promise<void> {
  await using stores = await home.open();
  for (const appid of ['1001', '1002']) {
    await stores.keys.addKey(keyOf(appid), []);
    await registerWithFace(stores.of(appid), 'p', 'g', '1');
  }
}

/** Writes crops of faces that are nowhere else: the check reads the table alone. */
async function addCrops(home: SqliteHome, appid: string, count: number): Promise<void> {
  const key = await dataKeyOf(home, appid);
  using database = new DatabaseSync(home.file, { enableForeignKeyConstraints: false });
  const insert = database.prepare('insert into crops values (?, ?, ?)');
  database.exec('begin');
  for (let i = 0; i < count; i++) {
    const id = `crop-${String(i).padStart(5, '0')}`;
    insert.run(appid, id, encrypt(key, Uint8Array.of(i), ['crops', id]));
  }
  database.exec('commit');
}

async function dataKeyOf({ file }: SqliteHome, appid: string): Promise<KeyObject> {
  using database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('select wrapped from data_keys where appid = ?').get(appid);
  return (await masterKey(undefined)).unwrap(appid, row?.wrapped as Uint8Array);
}

/** What a check of a file finds, and the progress that it tells. */
async function check({ file }: SqliteHome, options: Parameters<typeof checkValues>[2] = {}, plugin?: KyselyPlugin) {
  const db = openSqliteToRead<Tables>(file);
  try {
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => void told.push([done, total]);
    const master = await masterKey(undefined);
    const damaged = await checkValues(plugin ? db.withPlugin(plugin) : db, master, { onProgress, ...options });
    return { damaged, told };
  } finally {
    await db.destroy();
  }
}

function exec({ file }: SqliteHome, sql: string): void {
  using database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(sql);
}

const places = (damaged: readonly DamagedRow[]) => damaged.map(({ table, appid, row }) => [table, appid, ...row]);

test('every value is read once, table by table and batch by batch, and progress is told', async () => {
  await using home = await sqliteHome();
  await register(home);
  await addCrops(home, '1001', 2 * batchSize - 1);
  await addCrops(home, '1002', batchSize + 1);
  const { damaged, told } = await check(home);
  assert.deepEqual(damaged, []);
  const total = 2 * batchSize + batchSize + 2 + 4;
  // Keys, embeddings, crops; corrections and proposals, of which there are none; of either appid.
  const parts = [1, 1, batchSize, batchSize, 0, 0, 0, 1, 1, batchSize, 2, 0, 0];
  const sums = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, rows) => sum + rows));
  assert.deepEqual(
    told,
    sums.map((done) => [done, total]),
  );
});

test('damaged rows are named wherever they stand, and nothing else is', async () => {
  await using home = await sqliteHome();
  await register(home);
  await addCrops(home, '1001', 2 * batchSize + 10);
  exec(
    home,
    `update crops set crop = zeroblob(length(crop)) where appid = '1001' and face_id in ('crop-00000', 'crop-00777');
     update crops set crop = x'' where appid = '1001' and face_id = 'crop-01009';
     update embeddings set embedding = zeroblob(20) where appid = '1002'`,
  );
  const { damaged } = await check(home);
  assert.deepEqual(places(damaged), [
    ['crops', '1001', 'crop-00000'],
    ['crops', '1001', 'crop-00777'],
    ['crops', '1001', 'crop-01009'],
    ['embeddings', '1002', '1', model],
  ]);
  for (const { table, row, found } of damaged)
    assert.ok(found.includes(`table ${table}, row ${row.join(' ')},`), found);
});

test('a value of another row, another appid or another table is damaged where it stands', async () => {
  await using home = await sqliteHome();
  await register(home);
  await addCrops(home, '1001', 2);
  exec(
    home,
    `update crops set crop = (select crop from crops where face_id = 'crop-00001') where face_id = 'crop-00000';
     update keys set encrypted_key = (select crop from crops where face_id = 'crop-00001') where appid = '1001';
     update embeddings set embedding = (select embedding from embeddings where appid = '1001') where appid = '1002'`,
  );
  assert.deepEqual(places((await check(home)).damaged), [
    ['keys', '1001', 'id-1001'],
    ['crops', '1001', 'crop-00000'],
    ['embeddings', '1002', '1', model],
  ]);
});

test('an appid whose data key does not open is named once, and the others are read', async () => {
  await using home = await sqliteHome();
  await register(home);
  exec(
    home,
    `update data_keys set wrapped = zeroblob(length(wrapped)) where appid = '1001';
     update crops set crop = x'00' where appid = '1002'`,
  );
  const { damaged } = await check(home);
  assert.deepEqual(places(damaged), [
    ['data_keys', '1001'],
    ['crops', '1002', '1'],
  ]);
  assert.match(damaged[0]!.found, /table data_keys, row 1001, is damaged/);
  const db = openSqliteToRead<Tables>(home.file);
  const other = await checkValues(db, new MasterKey(Buffer.alloc(32, 1), 'another place'));
  await db.destroy();
  assert.deepEqual(places(other), [
    ['data_keys', ''],
    ['data_keys', '1001'],
    ['data_keys', '1002'],
  ]);
});

test('only the tables that are asked for are read and counted', async () => {
  await using home = await sqliteHome();
  await register(home);
  exec(
    home,
    `update crops set crop = x'00'; update embeddings set embedding = x'00'; update keys set encrypted_key = x'00'`,
  );
  for (const name of ['keys', 'embeddings', 'crops'] as const) {
    const { damaged, told } = await check(home, { names: [name] });
    assert.deepEqual(
      damaged.map(({ table }) => table),
      [name, name],
    );
    assert.deepEqual(told, [
      [1, 2],
      [2, 2],
    ]);
  }
});

test('a table that cannot be read at all is named without a row, and the others are read', async () => {
  await using home = await sqliteHome();
  await register(home);
  exec(home, `drop table embeddings; update crops set crop = x'00' where appid = '1002'`);
  const { damaged, told } = await check(home);
  assert.deepEqual(places(damaged), [
    ['embeddings', '1001'],
    ['embeddings', '1002'],
    ['crops', '1002', '1'],
  ]);
  assert.match(damaged[0]!.found, /no such table: embeddings/);
  assert.deepEqual(told.at(-1), [4, 4]);
});

test('rows that cannot be read together are read one by one', async () => {
  await using home = await sqliteHome();
  await register(home);
  await addCrops(home, '1001', 3);
  exec(home, `update crops set crop = x'00' where face_id = 'crop-00001'`);
  // Reading several crops at once fails, as it does when one of them is on a page that is damaged.
  const failing = failWhere((sql, rows) => sql.includes('"crop"') && rows > 1, 'disk image is malformed');
  const { damaged, told } = await check(home, { names: ['crops'] }, failing);
  assert.deepEqual(places(damaged), [['crops', '1001', 'crop-00001']]);
  assert.deepEqual(told, [
    [4, 5],
    [5, 5],
  ]);
  const unreadable = failWhere((sql) => sql.includes('"crop"'), 'disk image is malformed');
  const { damaged: lost } = await check(home, { names: ['crops'] }, unreadable);
  assert.equal(lost.length, 5, 'each that cannot be read is named');
  assert.match(lost[0]!.found, /malformed/);
});

test('a row that is erased while it is looked at is not damaged', async () => {
  await using home = await sqliteHome();
  await register(home);
  await addCrops(home, '1001', 3);
  exec(home, `update crops set crop = x'00' where face_id in ('crop-00001', 'crop-00002')`);
  await using _ = await home.open();
  let isErased = false;
  const erasing: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (!isErased && 'crop' in (result.rows[0] ?? {})) {
        isErased = true;
        exec(home, `delete from crops where face_id = 'crop-00001'`);
      }
      return result;
    },
  };
  const { damaged } = await check(home, { names: ['crops'] }, erasing);
  assert.ok(isErased);
  assert.deepEqual(places(damaged), [['crops', '1001', 'crop-00002']]);
});

test('faces that lost their embeddings or their crop are named, and nobody else', async () => {
  await using home = await sqliteHome();
  await register(home);
  {
    await using stores = await home.open();
    await stores.of('1001').insertPerson(person('q'));
    for (const id of ['2', '3']) await stores.of('1001').insertFace(face(id, 'q'), limits);
  }
  exec(
    home,
    `delete from crops where appid = '1001' and face_id = '1'; delete from embeddings where appid = '1001' and face_id = '3'`,
  );
  const db: Kysely<Tables> = openSqliteToRead<Tables>(home.file);
  const found = await findIncomplete(db);
  await db.destroy();
  const missing = { appid: '1001', found: 'the row is missing' };
  assert.deepEqual(found, [
    { table: 'embeddings', row: ['3'], ...missing },
    { table: 'crops', row: ['1'], ...missing },
  ]);
});

/** Lets queries fail by their columns and by how many rows they found. */
function failWhere(fails: (columns: string, rows: number) => boolean, message: string): KyselyPlugin {
  return {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const columns = Object.keys(result.rows[0] ?? {}).map((column) => `"${column}"`);
      if (fails(columns.join(), result.rows.length)) throw new Error(message);
      return result;
    },
  };
}
