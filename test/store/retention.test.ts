/** Runs the suite of retention over SQLite, and what a server does of it by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { keepRetention } from '../../src/app/retention.ts';
import { registerWithFace } from './fixtures.ts';
import { retentionSuite } from './retention.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

retentionSuite('SQLite', sqliteHome);

const quiet = { info: () => {}, warn: (fault: object) => assert.fail(JSON.stringify(fault)) };
const often = { writingMs: 10, lookingMs: 10, waitingMs: 30 };

test('a server erases who is due where the appid has that done, and nobody where it has them listed', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  for (const [appid, retention] of [
    ['1001', 'erase'],
    ['1002', 'list'],
    ['1003', undefined],
  ] as const) {
    await stores.tenants.add(appid, { limits: { retentionDays: 10, ...(retention !== undefined && { retention }) } });
    for (let i = 0; i < 25; i++) await registerWithFace(stores.of(appid), `p-${i}`, 'g', `${appid}${i}`);
  }
  await home.ask('update faces set enrolled_day = enrolled_day - 11');
  const personsOf = async (appid: string) => (await stores.tenants.list(appid))[0]?.kept.persons;
  {
    await using _keeping = keepRetention(stores, quiet, often);
    while ((await personsOf('1001')) !== 0) await setTimeout(20);
  }
  assert.deepEqual([await personsOf('1002'), await personsOf('1003')], [25, 25]);
});

test('who is seen between the looking and the erasing stays, and what was noted is written at the end', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.tenants.add('1001', { limits: { retentionDays: 10, retention: 'erase' } });
  for (const id of ['1', '2']) await registerWithFace(stores.of('1001'), `p-${id}`, 'g', id);
  await home.ask('update faces set enrolled_day = enrolled_day - 11');
  {
    await using _keeping = keepRetention(stores, quiet, { ...often, writingMs: 60_000, waitingMs: 500 });
    await setTimeout(100);
    // Noted on the way of a call, and written by nobody yet.
    stores.retention.note('1001', '2');
    while ((await stores.of('1001').findPerson('p-1')) !== undefined) await setTimeout(20);
    assert.equal((await stores.of('1001').findPerson('p-2'))?.id, 'p-2');
    await registerWithFace(stores.of('1001'), 'p-3', 'g', '3');
    stores.retention.note('1001', '3');
  }
  const seen = await home.ask('select face_id from sightings order by face_id');
  assert.deepEqual(
    seen.map(({ face_id }) => face_id),
    ['2', '3'],
  );
});
