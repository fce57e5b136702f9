import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { afterEach, beforeEach } from 'node:test';
import { pack as packArchive } from '../../src/ops/backup/archive.ts';
import { makeBackup } from '../../src/ops/backup/make.ts';
import { findBackup, openBackup, restoreBackup } from '../../src/ops/backup/restore.ts';
import { openStores, type Stores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { face } from '../store/fixtures.ts';

const limits = { groupsMax: 100, personsPerGroupMax: 100_000, facesPerPersonMax: 20 };
const options = { version: '1.2.3', pack: null, now: new Date('2026-11-29T12:00:00Z') };

let folder: string;
let file: string;
let stores: Stores;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-backup-'));
  await mkdir(join(folder, 'data'));
  file = join(folder, 'data', 'familiar.db');
  stores = await openStores({ file, masterKey });
});
afterEach(async () => {
  await stores[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function register(personId: string, faceId: string): Promise<void> {
  await stores.of('1').write(async (store) => {
    await store.insertPerson({ id: personId, name: `name of ${personId}`, tag: '' });
    await store.joinGroups(personId, ['g'], limits);
    await store.insertFace(face(faceId, personId), limits);
  });
}

for (const name of ['backup', 'backup.tar']) {
  test(`what was written before is in a ${name}, and what is written later is not; it is restored under the same ids`, async () => {
    await register('p', '1000000000000000001');
    const target = join(folder, name);
    const manifest = await makeBackup({ ...options, file, target });
    assert.deepEqual(manifest.contents, { appids: 0, persons: 1, faces: 1 });
    assert.equal(manifest.madeAt, '2026-11-29T12:00:00.000Z');
    await register('q', '1000000000000000002');
    const data = join(folder, 'restored');
    assert.deepEqual(await restoreBackup(target, data), manifest);
    await using restored = await openStores({ file: join(data, 'familiar.db'), masterKey });
    const store = restored.of('1');
    assert.deepEqual(await store.findPerson('p'), { id: 'p', name: 'name of p', tag: '' });
    assert.equal(await store.findPerson('q'), undefined);
    assert.equal((await store.findCrops(['1000000000000000001'])).length, 1);
    for (const entry of await readdir(folder)) assert.doesNotMatch(entry, /\.tmp$/);
  });
}

test('a backup holds nothing of who was erased before it was begun', async () => {
  await register('somebody-erased', '1000000000000000001');
  await register('p', '1000000000000000002');
  await stores.of('1').deletePerson('somebody-erased');
  const target = join(folder, 'backup.tar');
  await makeBackup({ ...options, file, target });
  const bytes = await readFile(target);
  assert.ok(bytes.includes('name of p'));
  for (const trace of ['somebody-erased', '1000000000000000001']) assert.ok(!bytes.includes(trace), trace);
});

test('a backup that is made while others write is of one moment', async () => {
  for (let i = 0; i < 20; i++) await register(`before-${i}`, `${1_000_000_000_000_000_000n + BigInt(i)}`);
  let isOver = false;
  const writing = (async () => {
    for (let i = 0; !isOver; i++) await register(`while-${i}`, `${2_000_000_000_000_000_000n + BigInt(i)}`);
  })();
  for (let i = 0; i < 5; i++) {
    const target = join(folder, `backup-${i}`);
    const { contents } = await makeBackup({ ...options, file, target });
    assert.ok(contents.persons >= 20);
    assert.equal(contents.faces, contents.persons);
    const copy = new DatabaseSync(join(target, 'familiar.db'), { readOnly: true });
    const { members } = copy.prepare('select members from groups').get() as { members: number };
    assert.equal(members, contents.persons);
    copy.close();
  }
  isOver = true;
  await writing;
});

test('a backup replaces nothing, and a failed one leaves nothing', async () => {
  const target = join(folder, 'taken');
  await writeFile(target, 'mine');
  await assert.rejects(makeBackup({ ...options, file, target }), /there is something at .*taken already/);
  assert.equal(await readFile(target, 'utf8'), 'mine');
  await assert.rejects(makeBackup({ ...options, file: join(folder, 'nothing.db'), target: join(folder, 'new') }));
  assert.deepEqual((await readdir(folder)).sort(), ['data', 'taken']);
});

test('a changed, shortened or missing file is named, and nothing is restored from it', async () => {
  await register('p', '1000000000000000001');
  const target = join(folder, 'backup');
  await makeBackup({ ...options, file, target });
  const data = join(folder, 'restored');
  const damages: readonly [RegExp, (copy: string) => Promise<void>][] = [
    [/familiar\.db was changed since/, (copy) => appendFile(join(copy, 'familiar.db'), 'x')],
    [/familiar-calls\.db was changed since/, (copy) => truncate(join(copy, 'familiar-calls.db'), 100)],
    [/familiar\.db cannot be read/, (copy) => rm(join(copy, 'familiar.db'))],
    [/is no backup: it has no backup\.json/, (copy) => rm(join(copy, 'backup.json'))],
    [/backup\.json is not understood/, (copy) => writeFile(join(copy, 'backup.json'), '{"format":2}')],
  ];
  for (const [i, [expected, damage]] of damages.entries()) {
    const copy = join(folder, `damaged-${i}`);
    await cp(target, copy, { recursive: true });
    await damage(copy);
    await assert.rejects(restoreBackup(copy, data), expected);
    await assert.rejects(stat(data), { code: 'ENOENT' });
  }
  const archive = join(folder, 'cut.tar');
  await packArchive(target, archive);
  await truncate(archive, Math.floor((await stat(archive)).size / 2));
  await assert.rejects(restoreBackup(archive, data), /cut\.tar/);
  await assert.rejects(stat(data), { code: 'ENOENT' });
});

test('a backup is restored into an empty folder only', async () => {
  const target = join(folder, 'backup');
  await makeBackup({ ...options, file, target });
  await assert.rejects(restoreBackup(target, join(folder, 'data')), /data is not empty/);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  await restoreBackup(target, empty);
  assert.ok((await readdir(empty)).includes('familiar.db'));
});

test('of a folder of backups the newest that is not later than a moment is found', async () => {
  const backups = join(folder, 'backups');
  await mkdir(backups);
  await writeFile(join(backups, 'notes.txt'), 'no backup');
  for (const [name, at] of [
    ['monday', '2026-11-23'],
    ['tuesday.tar', '2026-11-24'],
    ['friday', '2026-11-27'],
  ] as const) {
    await makeBackup({ ...options, file, target: join(backups, name), now: new Date(`${at}T03:00:00Z`) });
  }
  const at = (moment: string) => findBackup(backups, new Date(moment));
  assert.equal(await at('2026-11-26T00:00:00Z'), join(backups, 'tuesday.tar'));
  assert.equal(await at('2026-11-24T03:00:00Z'), join(backups, 'tuesday.tar'));
  assert.equal(await at('2026-12-31T00:00:00Z'), join(backups, 'friday'));
  await assert.rejects(
    at('2026-11-01T00:00:00Z'),
    /the oldest backup in .* was made later, at 2026-11-23T03:00:00\.000Z/,
  );
  await assert.rejects(findBackup(join(folder, 'data'), new Date()), /data holds no backup/);
});

test('an archive can write nothing outside its folder', async () => {
  const evil = join(folder, 'evil');
  await mkdir(join(evil, 'sub'), { recursive: true });
  await writeFile(join(evil, 'sub', 'x.db'), 'x');
  await writeFile(join(evil, 'backup.json'), '{}');
  const archive = join(folder, 'evil.tar');
  await packArchive(evil, archive);
  await assert.rejects(openBackup(archive), /backup\.json is not understood/);
  for (const entry of await readdir(folder)) assert.doesNotMatch(entry, /\.tmp$/);
});
