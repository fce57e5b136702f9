/** A register is read without being opened for writing, whether or not others have it open. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { inspect } from '../../src/store/inspect.ts';
import { NewerVersionError, OlderVersionError } from '../../src/store/migrations.ts';
import { masterKey } from '../master-key.ts';
import { call, reportMonth } from './fixtures.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

const keyOf = (secretId: string) => ({ appid: '1001', secretId, secretKey: 's', createdAt: 1, revokedAt: null });

/** The files below a folder that this process has open, where the system tells. */
function openedIn({ folder }: SqliteHome): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}

test('keys, counts and the fingerprint are what the stores say, and nothing is made beside the files', async () => {
  await using home = await sqliteHome();
  const { fingerprint } = await masterKey(undefined);
  const look = async () => {
    await using inspection = await inspect(home.file);
    return {
      keys: (await inspection.listKeys()).map(({ secretId }) => secretId),
      all: (await reportMonth(inspection, '2026-11')).map(({ appid, endpoint }) => [appid, endpoint]),
      ofOne: (await reportMonth(inspection, '2026-11', '1002')).map(({ appid, pictures }) => [appid, pictures]),
      other: await reportMonth(inspection, '2026-12'),
      fingerprint: await inspection.fingerprint(),
    };
  };
  const expected = {
    keys: ['z', 'a'],
    all: [
      ['1001', 'detect'],
      ['1001', 'verify'],
      ['1002', 'detect'],
    ],
    ofOne: [['1002', 1]],
    other: [],
    fingerprint,
  };
  {
    await using stores = await home.open();
    for (const secretId of ['z', 'a']) await stores.keys.addKey(keyOf(secretId), []);
    await stores.usage.count({ ...call, appid: '1002' });
    await stores.usage.count({ ...call, endpoint: 'verify' });
    await stores.usage.count(call);
    assert.deepEqual(await look(), expected, 'while it is open');
  }
  const before = await readdir(home.folder);
  assert.deepEqual(await look(), expected, 'after it was closed');
  assert.deepEqual(await readdir(home.folder), before);
});

test('calls that wrote and calls that did not are counted together, in the order of appids and endpoints', async () => {
  await using home = await sqliteHome();
  {
    await using stores = await home.open();
    for (const endpoint of ['verify', 'detect']) await stores.usage.count({ ...call, endpoint });
    await stores.usage.count({ ...call, appid: '1002', code: -1101 });
  }
  {
    using database = new DatabaseSync(home.file);
    database.exec(`insert into usage_of_writes values
      ('1001', '2026-11', 'verify', 10, 20, 30, 40), ('1001', '2026-11', 'addface', 1, 0, 1, 1),
      ('0999', '2026-11', 'newperson', 2, 3, 4, 5), ('1001', '2026-12', 'verify', 7, 7, 7, 7)`);
  }
  await using inspection = await inspect(home.file);
  const rowsOf = async (month: string, appid?: string) =>
    (await reportMonth(inspection, month, appid)).map((row) => Object.values(row).join(' '));
  const ofOne = ['1001 2026-11 addface 1 0 1 1', '1001 2026-11 detect 1 0 1 2', '1001 2026-11 verify 11 20 31 42'];
  assert.deepEqual(await rowsOf('2026-11'), [
    '0999 2026-11 newperson 2 3 4 5',
    ...ofOne,
    '1002 2026-11 detect 0 1 1 2',
  ]);
  assert.deepEqual(await rowsOf('2026-11', '1001'), ofOne);
  assert.deepEqual(await rowsOf('2026-12'), ['1001 2026-12 verify 7 7 7 7']);
});

test('a register of another version is refused, and says of which', async () => {
  await using home = await sqliteHome();
  await (await home.open())[Symbol.asyncDispose]();
  const change = (sql: string): void => {
    using database = new DatabaseSync(home.file);
    database.exec(sql);
  };
  change(`insert into kysely_migration values ('9999', '2100-01-01T00:00:00.000Z')`);
  await assert.rejects(inspect(home.file), (error: Error) => {
    assert.ok(error instanceof NewerVersionError);
    assert.match(error.message, /is of version 9999, and this program knows versions up to \d{4} only/);
    return true;
  });
  for (const [left, version] of [
    [`name < '0003'`, '0002'],
    ['false', 'none'],
  ] as const) {
    change(`delete from kysely_migration where not (${left})`);
    await assert.rejects(inspect(home.file), (error: Error) => {
      assert.ok(error instanceof OlderVersionError);
      assert.match(
        error.message,
        new RegExp(`is of version ${version}; the next start of the server makes it \\d{4}$`),
      );
      return true;
    });
  }
  change('drop table kysely_migration');
  await assert.rejects(inspect(home.file), /is of version none/);
});

test('nothing stays open after an inspection, nor after one that was refused', {
  skip: process.platform === 'linux' ? false : 'only Linux tells which files are open',
}, async () => {
  await using home = await sqliteHome();
  await (await home.open())[Symbol.asyncDispose]();
  {
    await using inspection = await inspect(home.file);
    await inspection.listKeys();
    await reportMonth(inspection, '2026-11');
    assert.ok(openedIn(home).length >= 2);
  }
  assert.deepEqual(openedIn(home), []);
  {
    using database = new DatabaseSync(home.file);
    database.exec('delete from kysely_migration');
  }
  await assert.rejects(inspect(home.file), OlderVersionError);
  assert.deepEqual(openedIn(home), []);
});
