/** A register that was written before anything was encrypted. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Migrator } from 'kysely/migration';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import * as first from '../../src/store/migrations/0001-first.ts';
import * as changes from '../../src/store/migrations/0002-changes.ts';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { face } from './fixtures.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

const appids = ['1001', '1002'];
/** Faces of each appid, more than one batch takes. */
const facesEach = 300;
const model = 'sha256:0';

test('a register of the version before is encrypted in place, and tells how far it is', async () => {
  await using home = await sqliteHome();
  await writePlain(home);
  assert.ok((await filesOf(home)).includes('secret of 1002'), 'it was plain before');
  const told: [number, number][] = [];
  const onEncrypting = (done: number, total: number) => void told.push([done, total]);
  {
    await using stores = await openStores({ file: home.file, masterKey, onEncrypting });
    await assertWhole(stores);
  }
  const rows = 2 * appids.length * facesEach + appids.length;
  assert.deepEqual(told.at(-1), [rows, rows]);
  assert.deepEqual(
    told.map(([done]) => done),
    told.map(([done]) => done).toSorted((a, b) => a - b),
  );
  assert.ok(told.length > 4);
  assert.ok(told[0]![0] < rows / 2 && told.every(([, total]) => total === rows));
  await assertNothingPlain(home);
});

test('encrypting that is interrupted after any batch is gone on with, and nothing is lost', async () => {
  await using home = await sqliteHome();
  await writePlain(home);
  let starts = 0;
  for (let isDone = false; !isDone; starts++) {
    let batches = 0;
    const onEncrypting = (): void => {
      if (++batches === 2) throw new Error('the power is gone');
    };
    const opening = openStores({ file: home.file, masterKey, onEncrypting });
    isDone = await opening.then(
      (stores) => stores[Symbol.asyncDispose]().then(() => true),
      (error: Error) => {
        assert.match(error.message, /the power is gone/);
        return false;
      },
    );
  }
  assert.ok(starts > 2, `${starts} starts`);
  await using stores = await openStores({ file: home.file, masterKey });
  await assertWhole(stores);
  await stores[Symbol.asyncDispose]();
  await assertNothingPlain(home);
});

test('two processes that encrypt a register at once do it once', async () => {
  await using home = await sqliteHome();
  await writePlain(home);
  const opened = await Promise.all([1, 2, 3].map(() => openStores({ file: home.file, masterKey })));
  for (const stores of opened) await assertWhole(stores);
  for (const stores of opened) await stores[Symbol.asyncDispose]();
  await assertNothingPlain(home);
});

/** Makes a register as the version before wrote it. */
async function writePlain({ file }: SqliteHome): Promise<void> {
  {
    await using database = await openSqlite({ file, busyTimeoutMs: 5_000 });
    const provider = { getMigrations: async () => ({ '0001': first, '0002': changes }) };
    const { error } = await new Migrator({ db: database.writer, provider }).migrateToLatest();
    if (error !== undefined) throw error;
  }
  using database = new DatabaseSync(file);
  database.exec('begin');
  const run = (sql: string, ...values: (string | number | Uint8Array)[]) => database.prepare(sql).run(...values);
  for (const [i, appid] of appids.entries()) {
    run('insert into tenants values (?)', appid);
    run('insert into keys values (?, ?, ?, ?, ?, null)', appid, `id-${appid}`, `secret of ${appid}`, 7, i + 1);
    run('insert into registries (appid, groups) values (?, 0)', appid);
    run('insert into persons values (?, ?, ?, ?)', appid, 'p', '', '');
    for (let id = 0; id < facesEach; id++) {
      const { embedding, crop } = face(`${appid}-${id}`, 'p');
      run(`insert into faces values (?, ?, 'p', ?, '', 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0)`, appid, `${id}`, id);
      run('insert into embeddings values (?, ?, ?, ?)', appid, `${id}`, model, new Uint8Array(embedding.buffer));
      run('insert into crops values (?, ?, ?)', appid, `${id}`, crop);
    }
  }
  database.exec('commit');
}

async function assertWhole(stores: Awaited<ReturnType<typeof openStores>>): Promise<void> {
  for (const appid of appids) {
    const key = await stores.keys.findKey(`id-${appid}`);
    assert.deepEqual(key, {
      appid,
      secretId: `id-${appid}`,
      secretKey: `secret of ${appid}`,
      createdAt: 7,
      revokedAt: null,
    });
    const found = await stores.of(appid).embeddingsOf('p', model);
    assert.deepEqual(
      found,
      Array.from({ length: facesEach }, (_, id) => ({
        faceId: `${id}`,
        embedding: face(`${appid}-${id}`, 'p').embedding,
      })),
    );
  }
}

/** No plain row is left in the tables, and no plain byte in the files. */
async function assertNothingPlain(home: SqliteHome): Promise<void> {
  using database = new DatabaseSync(home.file, { readOnly: true });
  const count = (table: string) => database.prepare(`select count(*) as rows from ${table}`).get()?.rows;
  assert.equal(count('embeddings'), appids.length * facesEach);
  assert.equal(count('crops'), appids.length * facesEach);
  const plain = database.prepare(`select name from sqlite_master where name like 'plain%'`).all();
  assert.deepEqual(plain, []);
  const files = await filesOf(home);
  assert.ok(!files.includes('secret of'));
  for (const appid of appids) {
    for (let id = 0; id < facesEach; id++) {
      const { embedding, crop } = face(`${appid}-${id}`, 'p');
      assert.ok(!files.includes(Buffer.from(embedding.buffer, 64, 16)), `embedding of ${appid} ${id}`);
      assert.ok(!files.includes(crop.subarray(640, 656)), `crop of ${appid} ${id}`);
    }
  }
}

async function filesOf({ folder }: SqliteHome): Promise<Buffer> {
  return Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))));
}
