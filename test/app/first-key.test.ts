/** How the first key of an installation comes to be, also when the start dies on the way. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { ensureFirstKey, firstKeyFile, makeKey } from '../../src/app/first-key.ts';
import type { Key, KeyStore } from '../../src/auth/keys.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-first-key-'));
  path = join(folder, firstKeyFile);
});
afterEach(() => rm(folder, { recursive: true }));

/** Keys in memory; whoever starts a server lists and adds, and nothing else. */
function keyStore(kept: Key[] = [], addKey = async (key: Key) => kept.push(key) > 0): KeyStore {
  const unasked = async () => assert.fail('a start asks for no such thing');
  return {
    listKeys: async () => kept,
    addKey,
    findKey: unasked,
    findTenant: unasked,
    spendSignature: unasked,
    revokeKey: unasked,
    setKey: unasked,
    noteUse: () => assert.fail('a start uses no key'),
  };
}

const readWritten = async () => JSON.parse(await readFile(path, 'utf8')) as unknown;
const asWritten = ({ appid, secretId, secretKey }: Key) => ({ appid, secret_id: secretId, secret_key: secretKey });

test('an empty installation gets a key, and a file with it that only its owner may read', async () => {
  const kept: Key[] = [];
  const key = await ensureFirstKey(folder, keyStore(kept), 7);
  assert.ok(key !== undefined);
  assert.deepEqual(kept, [key]);
  assert.deepEqual(await readWritten(), asWritten(key));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), [firstKeyFile], 'no draft is left beside it');
});

test('a start that dies before the key is in the database leaves credentials that the next start makes good', async () => {
  const dying = keyStore([], () => Promise.reject(new Error('the disk is gone')));
  await assert.rejects(ensureFirstKey(folder, dying, 7), /the disk is gone/);
  const written = await readWritten();
  const kept: Key[] = [];
  const key = await ensureFirstKey(folder, keyStore(kept), 8);
  assert.ok(key !== undefined);
  assert.deepEqual(asWritten(key), written);
  assert.deepEqual(kept, [{ ...key, createdAt: 8, revokedAt: null }]);
  assert.deepEqual(await readWritten(), written);
});

test('credentials that were put there are made good, in a new file that only its owner may read', async () => {
  const written = { appid: '10001290', secret_id: 'AKIDx', secret_key: 'secret' };
  await writeFile(path, JSON.stringify(written), { mode: 0o644 });
  const { ino } = await stat(path);
  const key = await ensureFirstKey(folder, keyStore(), 7);
  assert.deepEqual(key, { appid: '10001290', secretId: 'AKIDx', secretKey: 'secret', createdAt: 7, revokedAt: null });
  const file = await stat(path);
  assert.equal(file.mode & 0o777, 0o600);
  assert.notEqual(file.ino, ino, 'whoever reads while it is written finds the old file or the new one, whole');
  assert.deepEqual(await readWritten(), written);
});

test('an installation that has keys is given none, even if all are revoked', async () => {
  const revoked = { ...makeKey(1), revokedAt: 2 };
  const kept = [revoked];
  assert.equal(await ensureFirstKey(folder, keyStore(kept), 7), undefined);
  assert.deepEqual(kept, [revoked]);
  assert.deepEqual(await readdir(folder), []);
});

test('a file that is no key is told of and kept, and no key is made', async () => {
  const good = asWritten(makeKey(1));
  const contents = ['', '{', '[]', JSON.stringify({ ...good, secret_key: '' }), JSON.stringify({ ...good, more: 1 })];
  const told = (error: Error) => error.message.startsWith(path) && /move it away/.test(error.message);
  for (const content of contents) {
    await writeFile(path, content);
    const kept: Key[] = [];
    await assert.rejects(ensureFirstKey(folder, keyStore(kept), 7), told, content);
    assert.deepEqual(kept, []);
    assert.equal(await readFile(path, 'utf8'), content);
  }
  await rm(path);
  await mkdir(path);
  await assert.rejects(ensureFirstKey(folder, keyStore(), 7), told, 'a folder of that name');
});

test('starts at the same moment make one key, whose file is the one that counts', async () => {
  for (let round = 0; round < 20; round++) {
    const kept: Key[] = [];
    const addKey = async (key: Key): Promise<boolean> => {
      if (kept.some(({ secretId }) => secretId === key.secretId)) return false;
      kept.push(key);
      return true;
    };
    // None of them sees a key of the others before it makes its own.
    let looks = 0;
    const store = { ...keyStore([], addKey), listKeys: async () => (++looks > 3 ? kept : []) };
    const made = await Promise.all([1, 2, 3].map(() => ensureFirstKey(folder, store, 7)));
    assert.equal(kept.length, 1);
    assert.deepEqual(
      made.filter((key) => key !== undefined),
      kept,
    );
    assert.deepEqual(await readWritten(), asWritten(kept[0]!));
    await rm(path);
  }
});

test('a start that another server was quicker than has made no key, and leaves none in a folder of its own', async () => {
  const kept = [makeKey(6)];
  let looks = 0;
  const store = { ...keyStore(kept, async () => false), listKeys: async () => (++looks > 1 ? kept : []) };
  assert.equal(await ensureFirstKey(folder, store, 7), undefined);
  assert.deepEqual(await readdir(folder), []);
});

test('a made key has the shape that clients know, is new each time, and keeps what was given', () => {
  const [one, other] = [makeKey(7), makeKey(7)];
  for (const { appid, secretId, secretKey, createdAt, revokedAt } of [one, other]) {
    assert.match(appid, /^1\d{9}$/);
    assert.match(secretId, /^AKID[A-Za-z\d]{32}$/);
    assert.match(secretKey, /^[A-Za-z\d]{32}$/);
    assert.deepEqual([createdAt, revokedAt], [7, null]);
  }
  assert.notEqual(one.secretId, other.secretId);
  assert.notEqual(one.secretKey, other.secretKey);
  const given = { appid: '5', secretId: 'id', secretKey: 'key' };
  assert.deepEqual(makeKey(7, given), { ...given, createdAt: 7, revokedAt: null });
});
