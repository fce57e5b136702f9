import assert from 'node:assert/strict';
import test from 'node:test';
import { isLiveSetting, LiveSettings } from '../../src/app/live-settings.ts';
import { readSettings, type SettingName, type SettingRow, settingsTable } from '../../src/app/settings.ts';

const read = (flags: Partial<Record<SettingName, unknown>>) => readSettings(flags, undefined, {});

test('settings that may change are taken, and the others wait for a restart however often they are read', () => {
  const live = new LiveSettings(read({ port: 1, callsPerSecondMax: 5, appidLimits: '7:calls=3' }));
  const started = live.now;
  const next = { port: 2, callsPerSecondMax: 6, appidLimits: '7:calls=3' };
  assert.deepEqual(live.take(read(next)), { changed: ['callsPerSecondMax'], waiting: ['port'] });
  assert.deepEqual([live.now.port, live.now.callsPerSecondMax], [1, 6]);
  assert.notEqual(live.now, started, 'who has kept something of the settings notices');
  const taken = live.now;
  assert.deepEqual(live.take(read(next)), { changed: [], waiting: ['port'] });
  assert.equal(live.now, taken);
  assert.deepEqual(live.take(read({ ...next, port: 1, appidLimits: '7:calls=4' })), {
    changed: ['appidLimits'],
    waiting: [],
  });
});

test('every setting that is a secret, or may hold one, may come from a file', () => {
  const rows = Object.entries(settingsTable) as [SettingName, SettingRow][];
  const secrets = rows.filter(([, row]) => row.isSecret === true || row.holdsSecret === true).map(([name]) => name);
  const fileOf: Partial<Record<SettingName, SettingName>> = {
    masterKey: 'masterKeyFile',
    database: 'databaseUrlFile',
    otlpEndpoint: 'otlpEndpointFile',
  };
  assert.deepEqual(secrets.toSorted(), Object.keys(fileOf).toSorted());
  for (const name of secrets) {
    assert.ok(fileOf[name]! in settingsTable);
    assert.ok(!isLiveSetting(name));
  }
});
