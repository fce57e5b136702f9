/** Where the master key comes from, how the first one is made, and how it is changed. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { masterKeyFileOf, masterKeySource, rotateMasterKey } from '../../src/app/master-key.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';
import { masterKeyText } from '../master-key.ts';

const otherText = Buffer.alloc(32, 8).toString('base64');

let folder: string;
let data: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-master-key-'));
  data = join(folder, 'data');
  file = join(folder, 'data.key');
});
afterEach(() => rm(folder, { recursive: true }));

const settings = (given: Partial<Settings> = {}): Settings => readSettings({ data, ...given }, undefined, {});

test('the first start makes a key beside the data folder, never in it, that only its owner may read', async () => {
  assert.equal(masterKeyFileOf(settings()), file);
  assert.equal(masterKeyFileOf(settings({ data: `${data}/` })), file);
  await (await openData(settings()))[Symbol.asyncDispose]();
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'data.key']);
  assert.ok(!(await readdir(data)).some((name) => name.endsWith('.key')));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const text = await readFile(file, 'utf8');
  assert.match(text, /^[A-Za-z\d+/]{43}=\n$/);
  await (await openData(settings()))[Symbol.asyncDispose]();
  assert.equal(await readFile(file, 'utf8'), text);
});

test('processes that start at once on nothing end with one key', async () => {
  const opened = await Promise.all(Array.from({ length: 4 }, () => openData(settings())));
  const key = makeKey(7);
  await opened[0]!.keys.addKey(key, []);
  for (const stores of opened) {
    assert.deepEqual(await stores.keys.findKey(key.secretId), key);
    await stores[Symbol.asyncDispose]();
  }
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'data.key'], 'no draft is left');
});

test('of keys that are made at once, all but the first are given up', async () => {
  for (let round = 0; round < 10; round++) {
    const made: string[] = [];
    const find = () => masterKeySource(settings(), (path) => void made.push(path))(undefined);
    const found = await Promise.all(Array.from({ length: 8 }, find));
    assert.deepEqual(made, [file], 'it is told once that one was made');
    const kept = await masterKeySource(settings())(undefined);
    for (const { fingerprint } of found) assert.equal(fingerprint, kept.fingerprint);
    await rm(file);
  }
});

test('a data folder alone opens nothing: no key is made for what another one has encrypted', async () => {
  await (await openData(settings()))[Symbol.asyncDispose]();
  await rm(file);
  await assert.rejects(
    openData(settings()),
    /master key [0-9a-f]{16} is needed, and data\.key is not in .*: put it back$/,
  );
  assert.deepEqual(await readdir(folder), ['data']);
});

test('the key of a named file or of the environment is taken, and none is made', async () => {
  const named = join(folder, 'mounted');
  await writeFile(named, ` ${masterKeyText}\n\n`);
  const [fromFile, fromEnvironment] = [
    await masterKeySource(settings({ masterKeyFile: named }))(undefined),
    await masterKeySource(settings({ masterKey: masterKeyText }))(undefined),
  ];
  assert.equal(fromFile.fingerprint, fromEnvironment.fingerprint);
  assert.equal(fromFile.origin, named);
  assert.equal(fromEnvironment.origin, 'FAMILIAR_MASTER_KEY');
  assert.deepEqual(await readdir(folder), ['mounted']);
  const absent = masterKeySource(settings({ masterKeyFile: join(folder, 'absent') }));
  await assert.rejects(absent(undefined), /absent is not in .*openssl rand -base64 32/);
  assert.deepEqual(await readdir(folder), ['mounted']);
});

test('a key that is given twice is refused, since either could be meant', () => {
  const twice = settings({ masterKey: masterKeyText, masterKeyFile: file });
  assert.throws(() => masterKeySource(twice), /given twice, by --master-key-file and FAMILIAR_MASTER_KEY/);
});

test('what is no key is told of by its place, and not repeated', async () => {
  const wrong = ['', 'secret', `${masterKeyText}\n${otherText}`, Buffer.alloc(31).toString('base64'), 'ä'.repeat(44)];
  for (const text of wrong) {
    await writeFile(file, text);
    const told = (error: Error) => error.message.startsWith(file) && (text === '' || !error.message.includes(text));
    await assert.rejects(masterKeySource(settings())(undefined), told, text);
    assert.equal(await readFile(file, 'utf8'), text);
  }
  await assert.rejects(
    masterKeySource(settings({ masterKey: 'secret' }))(undefined),
    /^Error: FAMILIAR_MASTER_KEY holds no/,
  );
  await rm(file);
  await mkdir(file);
  await assert.rejects(masterKeySource(settings())(undefined), /cannot be read: EISDIR/);
});

test('where nothing can be written beside the data folder, another place is asked for', async () => {
  const source = masterKeySource(settings({ data: '/proc/familiar' }));
  await assert.rejects(source(undefined), /\/proc\/familiar\.key.*--master-key-file/);
});

test('the next key takes the place of the last one, which opens nothing any more', async () => {
  const first = makeKey(1);
  const before = await withStores(async (stores) => {
    await stores.keys.addKey(first, []);
    const text = await readFile(file, 'utf8');
    await rotateMasterKey(settings(), stores);
    return text;
  });
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'data.key']);
  assert.notEqual(await readFile(file, 'utf8'), before);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await withStores((stores) => stores.keys.findKey(first.secretId)), first);
  await writeFile(file, before);
  await assert.rejects(openData(settings()), /holds another one/);
});

test('a change that is interrupted leaves a key that opens, whichever it is', async () => {
  await withStores(async (stores) => {
    const dying = { ...stores, rotateMasterKey: () => Promise.reject(new Error('before')) };
    await assert.rejects(rotateMasterKey(settings(), dying), /before/);
  });
  const before = await readFile(file, 'utf8');
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'data.key', 'data.key.next']);
  await withStores(async (stores) => {
    assert.equal(await readFile(file, 'utf8'), before);
    const rotateMasterKey_ = async (next: Parameters<typeof stores.rotateMasterKey>[0]) => {
      await stores.rotateMasterKey(next);
      throw new Error('after');
    };
    await assert.rejects(rotateMasterKey(settings(), { ...stores, rotateMasterKey: rotateMasterKey_ }), /after/);
  });
  await withStores((stores) => stores.check());
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'data.key']);
  assert.notEqual(await readFile(file, 'utf8'), before);
});

test('a key of the environment is changed for one in a file, which stays where it is', async () => {
  const next = join(folder, 'next');
  await writeFile(next, otherText);
  const given = settings({ masterKey: masterKeyText });
  await withStores(async (stores) => {
    await assert.rejects(rotateMasterKey(given, stores), /FAMILIAR_MASTER_KEY.*--new-key-file/s);
    await assert.rejects(rotateMasterKey(given, stores, join(folder, 'absent')), /absent is not in/);
    await rotateMasterKey(given, stores, next);
  }, given);
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'next']);
  await assert.rejects(openData(given), /FAMILIAR_MASTER_KEY holds another one/);
  await withStores((stores) => stores.check(), settings({ masterKey: otherText }));
});

async function withStores<T>(
  work: (stores: Awaited<ReturnType<typeof openData>>) => Promise<T>,
  given = settings(),
): Promise<T> {
  await using stores = await openData(given);
  return await work(stores);
}
