/** What goes on when the disk is full: seen on a small file system of its own, where one can be mounted. */
import assert from 'node:assert/strict';
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStores, type Stores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { act, call, face, idsOf, isStorageFailure, limits, person, reportMonth } from './fixtures.ts';
import { mountSmall } from './small-disk.ts';

const timeout = 60_000;
const megabyte = 2 ** 20;

/** Fills a folder's disk to the last byte. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'a');
  for (let size = megabyte; size >= 1; ) {
    try {
      writeSync(file, new Uint8Array(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(file);
}

const open = (folder: string): Promise<Stores> =>
  openStores({ masterKey, file: join(folder, 'familiar.db'), reserveBytes: 8 * megabyte });

/** What is in a copy of the files of a register that is open: whether its pages are well, and its first person. */
async function readCopy(t: TestContext, folder: string): Promise<readonly unknown[]> {
  const copy = mkdtempSync(join(tmpdir(), 'familiar-copy-'));
  t.after(() => rmSync(copy, { recursive: true }));
  // The log first: it may be emptied into the database meanwhile.
  for (const name of ['familiar.db-wal', 'familiar.db']) cpSync(join(folder, name), join(copy, name));
  using database = new DatabaseSync(join(copy, 'familiar.db'));
  const first = "select min(cast(person_id as integer)) as id from persons where person_id glob '[0-9]*'";
  const rows = [database.prepare('pragma integrity_check').get(), database.prepare(first).get()];
  return rows.map((row) => String(Object.values(row ?? {})[0]));
}

async function register(stores: Stores, id: string): Promise<void> {
  await stores.of('1001').write(async (store) => {
    await store.insertPerson(person(id));
    await store.joinGroups(id, ['g', `group-${id}`], limits);
    await store.insertFace(face(id, id), limits);
  });
}

/** Registers until it is refused. */
async function registerUntilFull(stores: Stores): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    try {
      await register(stores, `late-${i}`);
    } catch (error) {
      assert.ok(isStorageFailure(error), String(error));
      return;
    }
  }
  assert.fail('the disk was never full');
}

test('on a full disk persons are erased, groups left and calls counted, and nobody is registered', {
  timeout,
}, async (t) => {
  const folder = mountSmall(t, 32);
  if (folder === undefined) return;
  await using stores = await open(folder);
  const store = stores.of('1001');
  for (let i = 0; i < 40; i++) await register(stores, String(i));
  await stores.usage.count(call);
  await stores.check();
  fill(folder);
  await registerUntilFull(stores);
  await assert.rejects(stores.check(), /the disk is full/);
  await assert.rejects(register(stores, 'new'), (error: Error) => /the disk is full/.test(String(error.cause)));
  assert.equal(await store.findPerson('new'), undefined);

  const deletion = {
    call: () => ({ ...call, endpoint: 'delperson' }),
    act: () => act,
    counted: () => {},
    took: () => {},
  };
  const counted = stores.of('1001', deletion);
  for (let i = 0; i < 20; i++) {
    assert.equal(await counted.write((store) => store.deletePerson(String(i))), true);
  }
  assert.deepEqual(await store.deleteFaces('20', ['20']), ['20']);
  assert.equal(await store.leaveGroups('21', ['g']), 1);
  for (let i = 1; i < 50; i++) await stores.usage.count({ ...call, endpoint: `endpoint-${i}` });
  assert.equal((await reportMonth(stores.usage)).length, 51);
  assert.equal(idsOf(await store.membersOf('g'))?.filter((id) => /^\d+$/.test(id)).length, 19);

  rmSync(join(folder, 'filler'));
  for (let i = 0; i < 100; i++) {
    if (
      await register(stores, 'again').then(
        () => true,
        () => false,
      )
    )
      break;
    await wait(100);
  }
  assert.notEqual(await store.findPerson('again'), undefined, 'once there is room again, persons are registered');
  await stores.check();
});

test('every call is counted on a full disk, whoever else takes what is given up for it', { timeout }, async (t) => {
  const folder = mountSmall(t, 32);
  if (folder === undefined) return;
  await using stores = await open(folder);
  await register(stores, 'first');
  fill(folder);
  const count = (i: number) => stores.usage.count({ ...call, appid: String(i) });
  // One of the first counts finds the disk full, and gives up room that is for counts alone.
  for (let i = 0; i < 20; i++) await count(0);
  await assert.rejects(register(stores, 'second'), isStorageFailure);
  for (let i = 1; i < 400; i++) await count(i);
  assert.equal((await reportMonth(stores.usage)).length, 400);
});

test('a register opens on a full disk, and persons are erased from it', { timeout }, async (t) => {
  const folder = mountSmall(t, 32);
  if (folder === undefined) return;
  {
    await using stores = await open(folder);
    for (let i = 0; i < 40; i++) await register(stores, String(i));
    await stores.usage.count(call);
  }
  fill(folder);
  await using stores = await open(folder);
  await assert.rejects(stores.check(), /the disk is full/);
  await assert.rejects(register(stores, 'new'), isStorageFailure);
  for (let i = 0; i < 40; i++) assert.equal(await stores.of('1001').deletePerson(String(i)), true);
  await stores.usage.count(call);
});

test('persons are erased on a full disk, although somebody else takes all the room that is given up for it', {
  timeout,
}, async (t) => {
  const folder = mountSmall(t, 32);
  if (folder === undefined) return;
  const store = (stores: Stores) => stores.of('1001');
  {
    await using stores = await open(folder);
    for (let i = 0; i < 40; i++) await register(stores, String(i));
    await stores.usage.count(call);
    fill(folder);
    await registerUntilFull(stores);
    for (let i = 0; i < 30; i += 3) {
      for (const id of [i, i + 1, i + 2])
        assert.equal(await store(stores).deletePerson(String(id)), true, `person ${id}`);
      fill(folder);
      // The log is emptied 200 ms after a deletion.
      await wait(400);
      fill(folder);
    }
    await assert.rejects(register(stores, 'new'), isStorageFailure);
    assert.equal(await store(stores).deletePerson('30'), true);
    const log = join(folder, 'familiar.db-wal');
    assert.ok(statSync(log).size > 4 * megabyte, 'the log keeps its room');
    assert.deepEqual(await readCopy(t, folder), ['ok', '31'], 'a crash leaves what SQLite reads');
  }
  rmSync(join(folder, 'filler'));
  await using stores = await open(folder);
  for (let i = 0; i < 40; i++) assert.equal((await store(stores).findPerson(String(i))) !== undefined, i >= 31, `${i}`);
});
