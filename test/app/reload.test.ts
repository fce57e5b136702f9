/** What a server that runs reads again, and what comes of it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { rotateMasterKey } from '../../src/app/master-key.ts';
import { readSettings, type SettingName } from '../../src/app/settings.ts';
import { startApp, type TestApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';

let folder: string;
let app: TestApp;
let flags: Partial<Record<SettingName, unknown>>;
const log: Record<string, unknown>[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-reload-'));
  const masterKeyFile = join(folder, 'master.key');
  await writeFile(masterKeyFile, `${masterKeyText}\n`);
  flags = { masterKey: '', masterKeyFile };
  app = await startApp(flags, { log: { write: (line) => void log.push(JSON.parse(line)) } });
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Reads everything again with some settings. @returns what the log says of it. */
async function reload(
  changed: Partial<Record<SettingName, unknown>> = {},
): Promise<readonly Record<string, unknown>[]> {
  log.length = 0;
  const all = { port: 0, adminPort: 0, data: app.folder, allowUrlHost: '127.0.0.1', ...flags, ...changed };
  await app.app.reload(() => readSettings(all, undefined, {}));
  return log.map(({ msg, changed, settings }) => ({
    msg,
    ...(changed !== undefined && { changed }),
    ...(settings !== undefined && { settings }),
  }));
}
const readAgain = 'the settings were read again';

test('limits and the level of the log are in force when they were read again, and the log names what waits', async () => {
  assert.deepEqual(await reload({ appidCallsMax: 300, host: '0.0.0.0' }), [
    { msg: readAgain, changed: ['--appid-calls-max'] },
    { msg: 'these settings take effect after a restart', settings: ['--host'] },
  ]);
  await reload({ callsPerSecondMax: 1 });
  const codes = await Promise.all(Array.from({ length: 5 }, async () => (await app.json('getgroupids', {})).code));
  assert.ok(codes.filter((code) => code === 15).length >= 3, `${codes}`);
  assert.deepEqual(await reload({ logLevel: 'error' }), []);
  assert.equal((await app.json('getgroupids', {})).code, -1307);
  assert.deepEqual(log, [], 'calls are no errors');
  assert.deepEqual(await reload(), [{ msg: readAgain, changed: ['--log-level'] }]);
});

test('settings that cannot be read leave those that are in force', async () => {
  const said = await reload({ callsPerSecondMax: 'many' });
  assert.deepEqual(said, [{ msg: 'the settings could not be read again: those read before are in force' }]);
  assert.equal((await app.json('getgroupids', {})).code, -1307);
});

test('a master key that was changed is read again, and appids may be added again', async () => {
  const settings = readSettings({ data: app.folder, ...flags }, undefined, {});
  const next = join(folder, 'next.key');
  await writeFile(next, `${randomBytes(32).toString('base64')}\n`);
  {
    await using stores = await openData(settings);
    await rotateMasterKey(settings, stores, next);
  }
  const add = () => app.app.stores.keys.addKey(makeKey(Date.now()), []);
  await assert.rejects(add(), /restart this process, or send it SIGHUP/);
  assert.deepEqual(await reload(), [{ msg: readAgain, changed: [] }, { msg: 'the master key was read again' }]);
  assert.equal(await add(), true);
  assert.deepEqual(await reload(), [{ msg: readAgain, changed: [] }]);
  await writeFile(settings.masterKeyFile, 'no key');
  assert.deepEqual((await reload()).at(-1), {
    msg: 'the master key could not be read again: the one read before is used',
  });
  assert.equal(await add(), true);
});
