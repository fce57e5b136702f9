/** What is encrypted, with what, and what happens when it is copied, moved, damaged, or encrypted by another key. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { FaceEmbedding, Store } from '../../src/domain/stores.ts';
import type { Refusal } from '../../src/errors/refusals.ts';
import { callsFileOf } from '../../src/store/dialects/sqlite/database.ts';
import { DamagedValueError } from '../../src/store/encryption/cipher.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import { openStores } from '../../src/store/open.ts';
import { changesSince, face, isStorageFailure, limits, person, registerWithFace } from './fixtures.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

const model = 'sha256:0';
const key = {
  appid: '1001',
  secretId: 'id',
  secretKey: 'a SecretKey of 32 characters ....',
  createdAt: 1,
  revokedAt: null,
};
const otherMaster = (byte: number) => async () => new MasterKey(Buffer.alloc(32, byte), 'another place');

test('no SecretKey, embedding, crop or data key can be read in the files', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.keys.addKey(key, []);
  await registerWithFace(stores.of('1001'), 'p', 'g', '1');
  const { embedding, crop } = face('1', 'p');
  const files = Buffer.concat(
    await Promise.all((await readdir(home.folder)).map((name) => readFile(join(home.folder, name)))),
  );
  assert.ok(files.includes('1001'), 'what is not secret can be');
  assert.ok(!files.includes(key.secretKey));
  assert.ok(!files.includes(Buffer.from(embedding.buffer, 0, 16)));
  assert.ok(!files.includes(crop.subarray(0, 16)));
  assert.deepEqual(await stores.keys.findKey('id'), key);
});

test('the same value is encrypted to other bytes each time', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  for (const id of ['1', '2']) await store.insertFace({ ...face('1', 'p'), id }, limits);
  for (const table of ['embeddings', 'crops']) {
    const column = table.slice(0, -1);
    const [one, other] = all(home, `select ${column} from ${table}`).map((row) =>
      Buffer.from(row[column] as Uint8Array),
    );
    assert.equal(one!.length, other!.length);
    for (let i = 0; i + 16 <= one!.length; i += 16) assert.ok(!other!.includes(one!.subarray(i, i + 16)));
  }
});

test('an embedding that was changed, or moved to another face, fails the call and names the row', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  for (const id of ['1', '2']) await store.insertFace(face(id, 'p'), limits);
  const change = (sql: string) => exec(home, sql);
  const good = await store.embeddingsOf('p', model);
  for (const statement of [
    `update embeddings set embedding = (select embedding from embeddings where face_id = '2') where face_id = '1'`,
    `update embeddings set embedding = cast(substr(embedding, 1, 100) || x'00' || substr(embedding, 102) as blob) where face_id = '1'`,
    `update embeddings set embedding = x'0102' where face_id = '1'`,
  ]) {
    change(`create table kept as select * from embeddings; ${statement}`);
    for (const read of readings(store)) await assert.rejects(read(), isDamage('1'));
    await assert.rejects(changesSince(stores.feedOf('1001'), 0, model), isDamage('1'));
    await assert.rejects(Array.fromAsync(stores.feedOf('1001').contents(model, 10)), isDamage('1'));
    await assert.rejects(Array.fromAsync(stores.feedOf('1001').contents(model, 1)), isDamage('1'));
    change(`update embeddings set embedding = (select embedding from kept where kept.face_id = embeddings.face_id);
      drop table kept`);
    assert.deepEqual(await store.embeddingsOf('p', model), good);
  }
});

test('an embedding that is damaged after the first batch of a filling is named, too', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  for (let id = 1; id <= 9; id++) await store.insertFace(face(String(id), 'p'), limits);
  exec(home, `update embeddings set embedding = zeroblob(length(embedding)) where face_id = '7'`);
  const batches: number[] = [];
  const read = async () => {
    for await (const batch of stores.feedOf('1001').contents(model, 2)) batches.push(batch.length);
  };
  await assert.rejects(read(), isDamage('7'));
  assert.deepEqual(batches, [0, 2, 2, 2], 'no memberships, and the batches before the damaged one');
});

test('what many batches hold is what was written, in order', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  // Of one length, of others, and of as many letters but not as many bytes.
  const ids = ['10', '11', '2', '3', '33', '4é', '5a', 'é4', 'ü4'];
  const faces = ids.toSorted().map((id) => face(id, 'p'));
  for (const face of faces) await store.insertFace(face, limits);
  for (const size of [1, 2, 3, 9, 10]) {
    const found = (await Array.fromAsync(stores.feedOf('1001').contents(model, size))).flat();
    assert.deepEqual(
      found,
      faces.map(({ id, personId, embedding }) => ({ kind: 'insertFace', faceId: id, personId, embedding })),
    );
  }
});

test('another master key is refused by both names, and changes nothing', async () => {
  await using home = await sqliteHome();
  {
    await using stores = await home.open();
    await stores.keys.addKey(key, []);
  }
  const contents = () => ['keys', 'data_keys', 'master_keys'].map((table) => all(home, `select * from ${table}`));
  const before = contents();
  const { fingerprint } = await otherMaster(8)();
  await assert.rejects(
    openStores({ file: home.file, masterKey: otherMaster(8) }),
    new RegExp(
      `${home.file}.*master key [0-9a-f]{16}, and another place holds another one, ${fingerprint}.*--master-key-file`,
    ),
  );
  assert.deepEqual(contents(), before);
  await using stores = await home.open();
  assert.deepEqual(await stores.keys.findKey('id'), key);
});

test('after the master key is changed, only the next one opens the register, and everything is there', async () => {
  await using home = await sqliteHome();
  const next = await otherMaster(9)();
  {
    await using stores = await home.open();
    await stores.keys.addKey(key, []);
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await using others = await home.open();
    await stores.rotateMasterKey(next);
    await stores.keys.addKey({ ...key, appid: '1002', secretId: 'second' }, []);
    await assert.rejects(
      others.keys.addKey({ ...key, appid: '1003', secretId: 'third' }, []),
      /master key was changed .* restart/,
      'what it encrypted would never open',
    );
    await assert.rejects(others.rotateMasterKey(next), /changed by another process/);
    assert.equal(await others.keys.findKey('third'), undefined);
  }
  await assert.rejects(home.open(), /another one/);
  await using stores = await openStores({ file: home.file, masterKey: async () => next });
  assert.deepEqual(await stores.keys.findKey('id'), key);
  assert.equal((await stores.keys.findKey('second'))?.secretKey, key.secretKey);
  const [found] = await stores.of('1001').embeddingsOf('p', model);
  assert.deepEqual(found?.embedding, face('1', 'p').embedding);
});

test('an appid that is ended has nothing left but its counts, and others keep what they have', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  for (const appid of ['1001', '1002']) {
    await stores.keys.addKey({ ...key, appid, secretId: `id-${appid}` }, ['album']);
    await stores.keys.spendSignature(appid, new Uint8Array(32));
    for (let i = 0; i < 45; i++) await registerWithFace(stores.of(appid), `p${i}`, 'g', `${i}`);
  }
  const position = await stores.feedOf('1001').position();
  const told: number[] = [];
  assert.equal(await stores.removeTenant('1001', (done, total) => void told.push(done, total)), true);
  assert.deepEqual(told, [20, 45, 40, 45, 45, 45]);
  const tables = ['persons', 'groups', 'memberships', 'faces', 'embeddings', 'crops', 'tenants', 'buckets', 'keys'];
  const files = Object.fromEntries([...tables, 'data_keys', 'audit_ids'].map((table) => [table, home.file]));
  for (const [table, file] of Object.entries({ ...files, spent_signatures: callsFileOf(home.file) })) {
    const appids = all({ file }, `select distinct appid from ${table} where appid <> ''`).map(({ appid }) => appid);
    assert.deepEqual(appids, ['1002'], table);
  }
  assert.equal(await stores.keys.findTenant('1001'), undefined);
  const changes = (await changesSince(stores.feedOf('1001'), position, model))?.changes ?? [];
  assert.equal(changes.filter(({ kind }) => kind === 'removePerson').length, 45, 'indexes forget whom they held');
  assert.equal((await stores.of('1002').embeddingsOf('p44', model)).length, 1);
  assert.equal(await stores.removeTenant('1001'), false);
  assert.equal(await stores.removeTenant('1003'), false);
});

test('an end that is interrupted has destroyed the data key already, and can be given again', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.keys.addKey(key, []);
  for (let i = 0; i < 25; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
  const interrupt = (): never => {
    throw new Error('the power is gone');
  };
  await assert.rejects(stores.removeTenant('1001', interrupt), /the power is gone/);
  assert.deepEqual(all(home, `select * from data_keys where appid <> ''`), []);
  assert.equal(await stores.keys.findTenant('1001'), undefined);
  assert.equal(all(home, 'select * from persons').length, 5);
  assert.equal(await stores.removeTenant('1001'), true);
  assert.deepEqual(all(home, 'select * from persons'), []);
});

test('who is registered while an appid ends is erased as well, with the data key that this made', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.keys.addKey(key, []);
  for (let i = 0; i < 25; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
  const late: Promise<void>[] = [];
  const told: number[] = [];
  assert.equal(
    await stores.removeTenant('1001', (done, total) => {
      told.push(done, total);
      if (late.length === 0) late.push(registerWithFace(stores.of('1001'), 'late', 'g', 'late'));
    }),
    true,
  );
  await Promise.all(late);
  assert.deepEqual(
    [told.slice(0, 2), told.slice(-2)],
    [
      [20, 25],
      [26, 26],
    ],
  );
  assert.deepEqual(all(home, 'select * from persons'), []);
  assert.deepEqual(all(home, `select * from data_keys where appid <> ''`), []);
});

test('faces of an appid whose end was interrupted are gone for every reader, and the end can be given again', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await registerWithFace(stores.of('1001'), 'p', 'g', '1');
  exec(home, `delete from data_keys where appid = '1001'`);
  const kinds = (await Array.fromAsync(stores.feedOf('1001').contents(model, 10))).flat().map(({ kind }) => kind);
  assert.deepEqual(kinds, ['joinGroup']);
  const since = await changesSince(stores.feedOf('1001'), 0, model);
  assert.deepEqual(
    since?.changes.map(({ kind }) => kind),
    ['joinGroup'],
  );
  assert.equal(await stores.removeTenant('1001'), true);
  assert.equal(await stores.of('1001').findPerson('p'), undefined);
});

test('an appid that is ended and added again gets another data key, in processes that run as well', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using others = await home.open();
  await stores.keys.addKey(key, []);
  await registerWithFace(stores.of('1001'), 'p', 'g', '1');
  for (const secretKey of ['one', 'another']) {
    await others.removeTenant('1001');
    assert.equal(await stores.keys.findKey('again'), undefined);
    await others.keys.addKey({ ...key, secretId: 'again', secretKey }, []);
    assert.equal((await stores.keys.findKey('again'))?.secretKey, secretKey);
  }
  await registerWithFace(stores.of('1001'), 'q', 'g', '2');
  await using later = await home.open();
  for (const each of [stores, others, later]) {
    assert.equal((await each.keys.findKey('again'))?.secretKey, 'another');
    const [found] = await each.of('1001').embeddingsOf('q', model);
    assert.deepEqual(found?.embedding, face('2', 'q').embedding);
  }
});

function readings(store: Store): (() => Promise<readonly FaceEmbedding[]>)[] {
  return [() => store.embeddingsOf('p', model), () => store.findEmbeddings(['1', '2'], model)];
}

/** Whether an error says that the embedding of a face is damaged. */
function isDamage(faceId: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isStorageFailure(error), String(error));
    const { cause } = error as Refusal;
    assert.ok(cause instanceof DamagedValueError, String(cause));
    assert.deepEqual(cause.place, ['embeddings', faceId, model]);
    assert.match(cause.message, new RegExp(`table embeddings, row ${faceId} ${model},`));
    return true;
  };
}

function exec({ file }: SqliteHome, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

function all({ file }: Pick<SqliteHome, 'file'>, sql: string) {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(sql).all();
}
