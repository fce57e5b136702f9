import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { create, extract } from 'tar';
import { type ArchiveManifest, linesOf } from '../../src/ops/archive/format.ts';
import { ArchiveRefused, type ImportReport, importArchive } from '../../src/ops/archive/import.ts';
import { describeArchive, readArchive } from '../../src/ops/archive/read.ts';
import { writeArchive } from '../../src/ops/archive/write.ts';
import type { ArchivedPerson } from '../../src/store/archive/archived.ts';
import type { Stores } from '../../src/store/open.ts';
import { face, limits, person } from '../store/fixtures.ts';
import { type SqliteHome, sqliteHome } from '../store/sqlite-home.ts';

let home: SqliteHome;
let stores: Stores;
beforeEach(async () => {
  home = await sqliteHome();
  stores = await home.open();
});
afterEach(async () => {
  await stores[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const everything = { crops: true, embeddings: true };
const now = new Date('2026-11-30T12:00:00Z');

/** A face whose embedding has the length that embeddings have. */
function unitFace(id: string, personId: string) {
  const { embedding, ...rest } = face(id, personId);
  const length = Math.hypot(...embedding);
  return { ...rest, quality: 60, embedding: embedding.map((value) => value / length) };
}

async function register(appid: string, persons: number): Promise<void> {
  const store = stores.of(appid);
  for (let i = 0; i < persons; i += 1) {
    await store.write(async (inner) => {
      await inner.insertPerson({ id: `p${i}`, name: `name "${i}"\u2028人`, tag: '' });
      await inner.joinGroups(`p${i}`, [`g${i % 3}`, 'all'], limits);
      for (const k of [0, 1]) await inner.insertFace(unitFace(`${1000 + 2 * i + k}`, `p${i}`), limits);
    });
  }
}

function write(appid: string, name: string, parts = everything): Promise<ArchiveManifest> {
  const archive = stores.archiveOf(appid);
  const target = join(home.folder, name);
  return writeArchive({ archive, appid, parts, target, version: '1.2.3', pack: 'a-pack', now, onProgress: () => {} });
}

function read(
  appid: string,
  name: string,
  options: { isDryRun?: boolean; stopAfter?: number } = {},
): Promise<ImportReport> {
  const stopping = new AbortController();
  const onProgress = (done: number): void => {
    if (done >= (options.stopAfter ?? Number.POSITIVE_INFINITY)) stopping.abort(new Error('stopped'));
  };
  const archive = stores.archiveOf(appid);
  const file = join(home.folder, name);
  return importArchive({
    file,
    archive,
    limits,
    isDryRun: options.isDryRun ?? false,
    onProgress,
    signal: stopping.signal,
  });
}

async function all(appid: string): Promise<readonly ArchivedPerson[]> {
  const persons: ArchivedPerson[] = [];
  await stores.archiveOf(appid).read(everything, async (some) => void persons.push(...some));
  return persons;
}

test('an archive brings everybody back, under the same ids and to the last bit', async () => {
  await register('1001', 70);
  await stores.of('1001').insertPerson(person('faceless'));
  const manifest = await write('1001', 'a.tar');
  assert.deepEqual(
    { ...manifest, bytes: 0, sha256: '' },
    {
      format: 1,
      version: '1.2.3',
      made_at: now.toISOString(),
      appid: '1001',
      pack: 'a-pack',
      ...everything,
      persons: 71,
      faces: 140,
      bytes: 0,
      sha256: '',
    },
  );
  assert.deepEqual(await describeArchive(join(home.folder, 'a.tar')), manifest);
  const { persons, faces, known, models } = await read('1002', 'a.tar');
  assert.deepEqual(
    { persons, faces, known, models },
    { persons: 71, faces: 140, known: 0, models: { 'sha256:0': 140 } },
  );
  assert.deepEqual(await all('1002'), await all('1001'));
  const again = await read('1002', 'a.tar');
  assert.deepEqual([again.persons, again.known], [0, 71]);
});

test('it is a tar as others read and write it, of JSON Lines, and for nobody else to read', async () => {
  await register('1001', 3);
  await write('1001', 'a.tar');
  assert.equal((await stat(join(home.folder, 'a.tar'))).mode & 0o777, 0o600);
  await extract({ file: join(home.folder, 'a.tar'), cwd: home.folder });
  const lines = (await readFile(join(home.folder, 'persons.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ kind, id }) => `${kind} ${id}`).slice(0, 3), ['person p0', 'face 1000', 'face 1001']);
  assert.deepEqual(Buffer.from(lines[1].crop, 'base64'), Buffer.from(face('1000', 'p0').crop));
  await create({ file: join(home.folder, 'b.tar'), cwd: home.folder }, ['archive.json', 'persons.jsonl']);
  assert.equal((await read('1002', 'b.tar')).persons, 3);
});

test('an archive without crops or embeddings is for reading, and is not imported', async () => {
  await register('1001', 1);
  await write('1001', 'a.tar', { crops: false, embeddings: true });
  assert.doesNotMatch(await readFile(join(home.folder, 'a.tar'), 'utf8'), /"crop"/);
  await assert.rejects(
    read('1002', 'a.tar'),
    /holds no crops, without which nobody is recognised: export with --crops --embeddings/,
  );
});

test('what is there is never replaced, and what fails leaves nothing', async () => {
  await register('1001', 1);
  await write('1001', 'a.tar');
  const before = await readFile(join(home.folder, 'a.tar'));
  await assert.rejects(
    write('1001', 'a.tar'),
    /there is something at .*a\.tar already; an export never replaces anything/,
  );
  assert.deepEqual(await readFile(join(home.folder, 'a.tar')), before);
  const archive = { ...stores.archiveOf('1001'), read: () => Promise.reject(new Error('the database is gone')) };
  const target = join(home.folder, 'b.tar');
  const failing = {
    archive,
    appid: '1001',
    parts: everything,
    target,
    version: '1',
    pack: null,
    now,
    onProgress: () => {},
  };
  await assert.rejects(writeArchive(failing), /the database is gone/);
  assert.deepEqual(
    (await readdir(home.folder)).filter((name) => /tar|tmp/.test(name)),
    ['a.tar'],
  );
});

test('ids that are taken are told, and nothing is imported', async () => {
  await register('1001', 30);
  await write('1001', 'a.tar');
  await stores.of('1002').write(async (store) => {
    await store.insertPerson(person('p29'));
    await store.insertPerson(person('x'));
    await store.insertFace(unitFace('1005', 'x'), limits);
  });
  const before = await all('1002');
  for (const isDryRun of [true, false]) {
    await assert.rejects(read('1002', 'a.tar', { isDryRun }), (error) => {
      assert.ok(error instanceof ArchiveRefused);
      assert.equal(
        error.message,
        'nothing was imported, since ids are taken:\nthere is a face 1005, which is of the person x and not of p2\nthere is a person p29, whose faces are others',
      );
      return true;
    });
  }
  assert.deepEqual(await all('1002'), before);
});

test('an import that is stopped anywhere goes on, and everybody is there once', async () => {
  await register('1001', 70);
  await write('1001', 'a.tar');
  const dry = await read('1002', 'a.tar', { isDryRun: true });
  assert.deepEqual([dry.persons, dry.faces, await all('1002')], [70, 140, []]);
  for (const stopAfter of [75, 100]) await assert.rejects(read('1002', 'a.tar', { stopAfter }), /stopped/);
  const there = await all('1002');
  assert.ok(there.length > 0 && there.length < 70, String(there.length));
  for (const { faces } of there) assert.equal(faces.length, 2);
  const rest = await read('1002', 'a.tar');
  assert.deepEqual([rest.known, rest.persons], [there.length, 70 - there.length]);
  assert.deepEqual(await all('1002'), await all('1001'));
});

test('an archive that is cut off or changed anywhere is refused, with nothing imported', async () => {
  await register('1001', 12);
  await write('1001', 'a.tar');
  const whole = join(home.folder, 'a.tar');
  const { size } = await stat(whole);
  for (const length of [0, 100, 511, 600, 1_536, 2_048, 10_000, size - 30_000, size - 2_000]) {
    await copyFile(whole, join(home.folder, 'cut.tar'));
    await truncate(join(home.folder, 'cut.tar'), length);
    await assert.rejects(read('1002', 'cut.tar'), Error, `cut to ${length}`);
  }
  const bytes = await readFile(whole);
  const at = bytes.lastIndexOf('"crop":"') + 20;
  bytes[at] = bytes[at] === 65 ? 66 : 65;
  await writeFile(join(home.folder, 'changed.tar'), bytes);
  await assert.rejects(read('1002', 'changed.tar'), /was changed since the archive was made/);
  assert.deepEqual(await all('1002'), []);
});

test('lines of a stranger that are not as they must be are refused by their number', async () => {
  const one: ArchivedPerson = { id: 'p', name: '', tag: '', groupIds: ['g'], faces: [] };
  const { model, embedding, ...rest } = unitFace('1', 'p');
  const whole = { ...one, faces: [{ ...rest, embeddings: [{ model, embedding }] }] };
  const short = {
    ...one,
    faces: [{ ...rest, embeddings: [{ model, embedding: embedding.map((value) => value / 2) }] }],
  };
  const cases = [
    ['no json\n', /persons\.jsonl, line 1: is no JSON/],
    [linesOf({ ...one, id: 'a b' }), /line 1: id/],
    [linesOf({ ...one, groupIds: ['g', 'g'] }), /line 1: groups names a group twice/],
    [linesOf(short), /line 2: an embedding is no vector of unit length/],
    [linesOf(whole).replace('"yaw":30', '"yaw":31'), /line 2: attributes\.yaw/],
    [linesOf(whole).replace('{"kind":"face"', '{"kind":"face","more":1'), /line 2: .*more/],
    [linesOf(whole).split('\n').slice(0, 1).join('\n'), /does not end with a line feed/],
    [`${linesOf(whole).split('\n')[0]}\n`, /ends before the last face of the person p/],
  ] as const;
  for (const [lines, fault] of cases) {
    const manifest = {
      format: 1,
      version: '',
      made_at: now.toISOString(),
      appid: '1',
      pack: null,
      ...everything,
      persons: 1,
      faces: 1,
      bytes: 0,
      sha256: '0'.repeat(64),
    };
    await writeFile(join(home.folder, 'archive.json'), JSON.stringify(manifest));
    await writeFile(join(home.folder, 'persons.jsonl'), lines);
    await create({ file: join(home.folder, 'b.tar'), cwd: home.folder }, ['archive.json', 'persons.jsonl']);
    await assert.rejects(read('1002', 'b.tar'), fault);
  }
  await create({ file: join(home.folder, 'c.tar'), cwd: home.folder }, ['persons.jsonl']);
  await assert.rejects(
    readArchive(join(home.folder, 'c.tar'), async () => {}),
    /does not begin with archive\.json/,
  );
  await assert.rejects(describeArchive(join(home.folder, 'c.tar')), /is no archive of persons/);
  assert.deepEqual(await all('1002'), []);
});
