/** Runs the suite of corrections over SQLite, and what has to do with time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { correctionsSuite } from './corrections.suite.ts';
import { limits, registerWithFace } from './fixtures.ts';
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
