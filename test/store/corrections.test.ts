/** Runs the suite of corrections over SQLite, and what has to do with time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcilePersons } from '../../src/store/copy/persons.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { correctionsSuite } from './corrections.suite.ts';
import { limits, person, registerWithFace } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

correctionsSuite('SQLite', sqliteHome);

test('a correction can be undone for a day, and then nothing is left that would undo it', async () => {
  await using home = await sqliteHome();
  let now = 1_000;
  await using stores = await openStores({ file: home.file, masterKey, now: () => now });
  await registerWithFace(stores.of('1001'), 'a', 'g', '1');
  const rename = (from: string, to: string) => stores.corrections.make('1001', { kind: 'rename', from, to }, limits);
  const first = await rename('a', 'b');
  now += 24 * 60 * 60 * 1_000 - 1;
  await stores.corrections.undo('1001', first, limits);
  const second = await rename('a', 'b');
  now += 24 * 60 * 60 * 1_000;
  await assert.rejects(stores.corrections.undo('1001', second, limits), /no correction/);
  assert.equal((await home.ask('select * from corrections')).length, 1);
  await stores.corrections.forgetOld();
  assert.deepEqual(await home.ask('select * from corrections'), []);
});

test('who copies a register takes a face that was moved from whom the copy still has it of', async () => {
  await using from = await sqliteHome();
  await using to = await sqliteHome();
  await (await to.open())[Symbol.asyncDispose]();
  await using stores = await from.open();
  await registerWithFace(stores.of('1001'), 'z', 'g', '1');
  await stores.of('1001').insertPerson(person('a'));
  await using source = await openSqlite({ file: from.file, busyTimeoutMs: 5_000 });
  await using target = await openSqlite({ file: to.file, busyTimeoutMs: 5_000 });
  const copy = (...personIds: readonly string[]) =>
    reconcilePersons(
      { from: source.reader, to: target.writer, appid: '1001' },
      { personIds, groupIds: [] },
      async () => {},
    );
  const facesThere = () => to.ask('select face_id, person_id from faces');
  await copy('a', 'z');
  assert.deepEqual((await facesThere()).map(Object.values), [['1', 'z']]);
  await stores.corrections.make('1001', { kind: 'move', faces: ['1'], to: 'a' }, limits);
  await copy('a');
  assert.deepEqual((await facesThere()).map(Object.values), [['1', 'a']]);
  await copy('z');
  assert.deepEqual((await facesThere()).map(Object.values), [['1', 'a']]);
});
