import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import {
  flagOf,
  readSettings,
  type SettingName,
  SettingsError,
  settingsTable,
  variableOf,
} from '../../src/app/settings.ts';

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  const folder = mkdtempSync(join(tmpdir(), 'familiar-settings-'));
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify({ port: 3, host: 'file', data: 'file', allowUrlHost: ['a', '10.0.0.0/8'] }));
  const environment = { FAMILIAR_PORT: '2', FAMILIAR_HOST: 'environment' };
  const settings = readSettings({ port: '1' }, file, environment);
  assert.deepEqual([settings.port, settings.host, settings.data], [1, 'environment', 'file']);
  assert.deepEqual(settings.allowUrlHost, ['a', '10.0.0.0/8']);
  assert.equal(settings.facesPerPersonMax, 20);
  rmSync(folder, { recursive: true });
});

test('every fault is listed at once', () => {
  assert.throws(
    () => readSettings({ port: 'x', workers: -1 }, undefined, { FAMILIAR_TIME_ZONE: 'Nowhere/Land' }),
    (error) =>
      error instanceof SettingsError &&
      ['--port', '--workers', 'FAMILIAR_TIME_ZONE'].every((name) => error.message.includes(name)) &&
      error.message.split('\n').length === 3,
  );
  assert.throws(() => readSettings({}, '/nowhere/settings.json', {}), /nowhere/);
});

test('every default is a good value, and flags and variables are unlike', () => {
  readSettings({}, undefined, {});
  const names = Object.keys(settingsTable) as SettingName[];
  assert.equal(new Set(names.map(flagOf)).size, names.length);
  assert.equal(new Set(names.map(variableOf)).size, names.length);
  assert.equal(variableOf('allowUrlHost'), 'FAMILIAR_ALLOW_URL_HOST');
});
