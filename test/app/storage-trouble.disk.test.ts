/** The whole application while its register cannot be written, and when it can again. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Ports } from '../../src/app/create-app.ts';
import { databaseFile } from '../../src/app/register.ts';
import { startApp, type TestApp } from '../harness.ts';

/** An analyzer that is asked for nothing. */
const openAnalyzer: Ports['openAnalyzer'] = async () => ({
  model: 'none',
  dimension: 2,
  analyze: () => assert.fail('no picture is sent'),
  compare: () => assert.fail('nothing is compared'),
  areCopies: () => assert.fail('nothing is compared'),
  scoreOf: () => 0,
  [Symbol.asyncDispose]: async () => {},
});

/** Asserts that reading goes on, that writing is refused or not, and that readiness tells so. */
async function assertWrites(app: TestApp, canWrite: boolean): Promise<void> {
  assert.equal((await app.json('getinfo', { person_id: 'ada' })).code, 0);
  const changed = await app.json('setinfo', { person_id: 'ada', tag: 'new' });
  assert.equal(changed.code, canWrite ? 0 : -1200, JSON.stringify(changed));
  const { status } = await app.send('/readyz', { method: 'GET' });
  assert.equal(status, canWrite ? 200 : 503);
}

test('a register that is away or locked is read, not written, and written again when all is well', async () => {
  const lines: string[] = [];
  await using app = await startApp({}, { openAnalyzer, log: { write: (line) => void lines.push(line) } });
  await app.app.stores.of(app.key.appid).insertPerson({ id: 'ada', name: 'Ada', tag: '' });
  await assertWrites(app, true);

  const file = join(app.folder, databaseFile);
  await rename(file, `${file}.away`);
  await assertWrites(app, false);
  await assertWrites(app, false);
  await rename(`${file}.away`, file);
  await assertWrites(app, true);

  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  await assertWrites(app, false);
  await assertWrites(app, false);
  other.exec('rollback');
  other.close();
  await assertWrites(app, true);

  const faults = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
  const told = faults.flatMap(({ err }) => (err === undefined ? [] : [err.message]));
  assert.equal(told.filter((message) => message.includes('moved away')).length, 1, 'once a minute');
  assert.equal(told.filter((message) => message.includes('locked')).length, 1);
});
