import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import {
  flagOf,
  readSettings,
  type SettingName,
  SettingsError,
  settingsTable,
  variableOf,
  workersOf,
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

test('a list of hosts is spelled with commas or as a JSON list, blanks and empty places left out', () => {
  const hosts = (allowUrlHost: unknown) => readSettings({ allowUrlHost }, undefined, {}).allowUrlHost;
  assert.deepEqual(hosts(''), []);
  assert.deepEqual(hosts(' a , ,10.0.0.0/8,'), ['a', '10.0.0.0/8']);
  assert.deepEqual(hosts(['a', ' b ']), ['a', 'b']);
  for (const wrong of [[''], [7], 7]) assert.throws(() => hosts(wrong), SettingsError);
});

test('limits of single appids are spelled with commas or as a JSON list, one limit or both', () => {
  const limits = (appidLimits: unknown) => [...readSettings({ appidLimits }, undefined, {}).appidLimits];
  const both = ['1000001', { callsMax: 512, picturesMax: 64 }] as const;
  assert.deepEqual(limits('1000001:calls=512:pictures=64, 1000002:pictures=0'), [
    both,
    ['1000002', { picturesMax: 0 }],
  ]);
  assert.deepEqual(limits(['1000001:pictures=64:calls=512']), [both]);
  assert.deepEqual(limits(''), []);
  for (const wrong of ['1000001', 'a:calls=1', '1:calls=', '1:calls=-1', '1:faces=1', '1:calls=1,1:pictures=1', 7]) {
    assert.throws(() => limits(wrong), SettingsError, String(wrong));
  }
});

test('numbers are whole and within their bounds, and both bounds are good', () => {
  for (const [name, least, most] of [
    ['port', 0, 65_535],
    ['queueMax', 1, 100_000],
    ['urlRedirectsMax', 0, 20],
    ['drainTimeoutMs', 1, 3_600_000],
    ['enrolQualityMin', 0, 100],
  ] as const) {
    for (const good of [least, most]) assert.equal(readSettings({ [name]: String(good) }, undefined, {})[name], good);
    for (const wrong of [least - 1, most + 1, least + 0.5, 'x'])
      assert.throws(() => readSettings({ [name]: wrong }, undefined, {}), SettingsError, `${name} ${wrong}`);
  }
});

test('a file that is none, no JSON or no object is told of with its name, as is a setting that there is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'familiar-settings-'));
  const file = join(folder, 'settings.json');
  for (const [content, told] of [
    ['{', /settings\.json: /],
    ['[1]', /settings\.json: is not a JSON object$/],
    ['{"toString": 1}', /settings\.json: there is no setting called toString$/],
    ['{"port": -1}', /^.*settings\.json: port: .*\(Port to listen on/],
  ] as const) {
    writeFileSync(file, content);
    assert.throws(() => readSettings({}, file, {}), { name: 'SettingsError', message: told }, content);
  }
  rmSync(folder, { recursive: true });
});

test('0 workers are one for each core', () => {
  const workers = (count: number) => workersOf(readSettings({ workers: count }, undefined, {}));
  assert.equal(workers(0), availableParallelism());
  assert.equal(workers(3), 3);
});

test('a variable that many programs read says a setting, unless its own variable or a flag does', () => {
  const shared = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://shared:4318' };
  const read = (flags: object, environment: Record<string, string>) =>
    readSettings(flags, undefined, environment).otlpEndpoint;
  assert.equal(read({}, shared), 'http://shared:4318');
  assert.equal(read({}, { ...shared, FAMILIAR_OTLP_ENDPOINT: '' }), '');
  assert.equal(read({ otlpEndpoint: 'https://own' }, shared), 'https://own');
  assert.throws(
    () => read({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'me:word@host' }),
    /OTEL_EXPORTER_OTLP_ENDPOINT: spell it/,
  );
});
