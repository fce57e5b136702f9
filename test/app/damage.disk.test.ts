/** A register whose pages were overwritten: what is named, what is refused, and what can be saved. */
import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { explainDamage } from '../../src/app/damage.ts';
import { deepChecks, forgetDamaged } from '../../src/app/doctor/deep.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';
import type { DamagedRow } from '../../src/store/check-values.ts';
import { face, limits, person, storedBytes } from '../store/fixtures.ts';

const model = 'sha256:0';
const faces = Array.from({ length: 60 }, (_, i) => `face-${i}`);
/** SQLite's pages, in bytes. */
const pageSize = 4096;

let folder: string;
let settings: Settings;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-damage-'));
  settings = readSettings({ data: join(folder, 'data') }, undefined, {});
  file = join(settings.data, databaseFile);
  await using stores = await openData(settings);
  await stores.keys.addKey(makeKey(0, { appid: '1001', secretId: 'id' }), []);
  const store = stores.of('1001');
  for (const [i, id] of faces.entries()) {
    await store.insertPerson(person(`person-${i}`));
    await store.insertFace(face(id, `person-${i}`), limits);
  }
});
afterEach(() => rm(folder, { recursive: true }));

test('a good register has no fault, and progress is told', async () => {
  const told: [number, number][] = [];
  const { pages, values } = await look((done, total) => void told.push([done, total]));
  assert.deepEqual(
    [pages, values],
    [
      ['every page is well', ''],
      ['every SecretKey, embedding and crop can be decrypted', ''],
    ],
  );
  const rows = 2 * faces.length + 1;
  assert.deepEqual(told.at(-1), [rows, rows]);
});

test('bytes of an embedding and of a crop that were overwritten are found, and nothing else', async () => {
  await overwrite('face-7', 0, 'bytes');
  await overwrite('face-9', 1, 'bytes');
  const { pages, values, damaged } = await look();
  assert.equal(pages[0], 'every page is well', 'SQLite sees nothing of it');
  assert.equal(
    values[0],
    'embeddings of appid 1001: 1 damaged row: face-7; crops of appid 1001: 1 damaged row: face-9',
  );
  assert.match(values[1], /backup.*--forget-damaged/);
  assert.deepEqual(
    damaged.map(({ table, appid, row }) => [table, appid, ...row]),
    [
      ['embeddings', '1001', 'face-7', model],
      ['crops', '1001', 'face-9'],
    ],
  );
});

test('a page of embeddings that was overwritten is named by its table, with every row that it held', async () => {
  const lost = await overwrite('face-30', 0, 'page');
  assert.ok(lost.length > 1 && lost.includes('face-30'));
  const { pages, values } = await look();
  assert.match(pages[0], /^table embeddings: /);
  assert.doesNotMatch(pages[0], /table crops/);
  assert.match(pages[1], /backup/);
  assert.equal(values[0], `embeddings of appid 1001: ${lost.length} damaged rows: ${lost.join(', ')}`);
});

test('what the index cannot be filled with is told by its rows, with the way out', async () => {
  for (const [id, what] of [
    ['face-7', 'bytes'],
    ['face-30', 'page'],
  ] as const) {
    const lost = await overwrite(id, 0, what);
    await using stores = await openData(settings);
    const error = await Array.fromAsync(stores.feedOf('1001').contents(model, 10)).then(
      () => assert.fail('what is damaged was read'),
      (error: unknown) => explainDamage(settings, error),
    );
    const { message } = error as Error;
    for (const each of lost) assert.ok(message.includes(each), `${each} in ${message}`);
    assert.match(
      message,
      /familiar\.db is damaged\. embeddings of appid 1001: .*backup.*doctor --deep --forget-damaged/,
    );
  }
  const other = new Error('something else');
  assert.equal(await explainDamage(settings, other), other);
});

test('damaged faces can be erased, and the rest stays', async () => {
  await overwrite('face-7', 0, 'bytes');
  await overwrite('face-9', 1, 'bytes');
  const { damaged } = await look();
  assert.equal(await forgetDamaged(settings, damaged), 2);
  assert.deepEqual((await look()).damaged, []);
  await using stores = await openData(settings);
  assert.equal(await stores.of('1001').findFace('face-7'), undefined);
  assert.equal((await stores.of('1001').embeddingsOf('person-8', model)).length, 1);
  const found = (await Array.fromAsync(stores.feedOf('1001').contents(model, 100))).flat();
  assert.equal(found.length, faces.length - 2);
});

test('a face that lost a row is found, too', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  {
    using database = new DatabaseSync(file);
    database.exec(`delete from crops where face_id = 'face-3'`);
  }
  const { values, damaged } = await look();
  assert.equal(values[0], 'crops of appid 1001: 1 damaged row: face-3');
  assert.equal(await forgetDamaged(settings, damaged), 1);
});

/** What the deep checks find: text and mend of each, and the rows. */
async function look(onProgress: (done: number, total: number) => void = () => {}) {
  const damaged: DamagedRow[] = [];
  const checks = deepChecks({ onProgress, onDamaged: (rows) => void damaged.push(...rows) });
  const told: (readonly [string, string])[] = [];
  for (const { look } of checks) {
    told.push(
      await look(settings, {} as never).then(
        (found) => [found, ''] as const,
        (error: Error & { mend: string }) => [error.message, error.mend] as const,
      ),
    );
  }
  return { pages: told[0]!, values: told[1]!, damaged };
}

/**
 * Overwrites part of a face's embedding (0) or crop (1) in the file, or the page in which it stands.
 * @returns the faces of which that kind of value was hit.
 */
async function overwrite(id: string, which: 0 | 1, what: 'bytes' | 'page'): Promise<string[]> {
  const content = await readFile(file);
  const at = content.indexOf(storedBytes(file, id)[which]!.subarray(100, 132));
  assert.ok(at > 0);
  const from = what === 'bytes' ? at : at - (at % pageSize);
  const to = what === 'bytes' ? at + 32 : from + pageSize;
  const hit = faces.filter((face) => {
    const place = content.indexOf(storedBytes(file, face)[which]!.subarray(100, 132));
    return place >= from && place < to;
  });
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(to - from, 0xa5), 0, to - from, from);
  await handle.close();
  return hit;
}
