import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { flagOf, type SettingName, type SettingRow, settingsTable, variableOf } from '../../src/app/settings.ts';
import { runHere } from './terminal.ts';

const rows: Readonly<Record<string, SettingRow>> = settingsTable;
const settings = (Object.keys(settingsTable) as SettingName[]).filter((name) => rows[name]?.isSecret !== true);

test('help teaches every command', async () => {
  const help = await runHere('--help');
  assert.deepEqual([help.exitCode, help.errors], [0, '']);
  for (const command of [
    'serve',
    'keys',
    'tenants',
    'usage',
    'statement',
    'doctor',
    'models',
    'audit',
    'export',
    'import',
  ])
    assert.match(help.output, new RegExp(`^ +${command} .*\\w`, 'm'));
  for (const [command, ...others] of [
    ['keys', 'add', 'list', 'revoke', 'rotate-master'],
    ['tenants', 'remove'],
    ['statement', 'close'],
    ['copy', 'reopen'],
    ['database', 'distribute', 'rebalance'],
    ['models', 'list', 'add', 'use', 'verify', 'upgrade', 'status', 'revert', 'prune', 'compare'],
    ['persons', 'move', 'merge', 'split', 'rename', 'forbid', 'allow', 'undo', 'corrections'],
    ['audit', 'list', 'export', 'verify', 'prune'],
  ] as const) {
    const { output, exitCode } = await runHere(command, '--help');
    assert.equal(exitCode, 0);
    for (const other of others) assert.match(output, new RegExp(`^ +${other} .*\\w`, 'm'));
  }
});

test('the help of serve teaches every setting: its flag, its variable, its default and what it means', async () => {
  const { output } = await runHere('serve', '--help');
  const told = output.replace(/\s+/g, ' ');
  for (const name of settings) {
    const { about, fallback, value } = settingsTable[name];
    assert.ok(
      told.includes(`${flagOf(name)} <${value}> ${about} Default ${fallback || 'none'}; ${variableOf(name)}.`),
      name,
    );
  }
});

test('no secret is taken on the command line, which every user of the machine can see', async () => {
  const { output } = await runHere('serve', '--help');
  assert.doesNotMatch(output, /--master-key\b(?!-file)/);
  assert.equal((await runHere('serve', '--master-key', 'x')).exitCode, 2);
});

test('each command takes the settings that it needs, a file of settings, and no other flags', async () => {
  const register = ['--data', '--database', '--database-url-file'] as const;
  const opened = [...register, '--master-key-file'] as const;
  const keyWords = ['--name', '--expires', '--endpoints'] as const;
  const limits = [
    '--calls-per-second',
    '--calls-in-flight',
    '--pictures-in-flight',
    '--pictures-per-month',
    '--persons',
    '--faces',
    '--bytes',
    '--groups',
    '--enrol-quality',
    '--resembling',
    '--resembling-score',
    '--retention-days',
    '--retention',
  ];
  const tenantWords = [...limits, '--bucket', '--no-buckets', '--note'] as const;
  const filters = ['--appid', '--actor', '--endpoint', '--id', '--from', '--to'] as const;
  for (const [words, flags] of [
    [
      ['keys', 'add'],
      [...opened, ...keyWords, '--appid', '--secret-id', '--secret-key', '--secret-key-file', '--bucket', '--json'],
    ],
    [
      ['keys', 'list'],
      [...register, '--appid', '--json'],
    ],
    [
      ['keys', 'show'],
      [...register, '--json'],
    ],
    [
      ['keys', 'set'],
      [...opened, ...keyWords, '--json'],
    ],
    [
      ['keys', 'revoke'],
      [...opened, '--json'],
    ],
    [
      ['keys', 'rotate-master'],
      [...opened, '--new-key-file', '--json'],
    ],
    [['backup'], [...opened, '--json']],
    [
      ['backup', 'verify'],
      [...opened, '--json'],
    ],
    [['restore'], [...opened, '--as-of', '--json']],
    [
      ['tenants', 'add'],
      [...opened, '--time-zone', ...tenantWords, '--json'],
    ],
    [
      ['tenants', 'list'],
      [...register, '--time-zone', '--json'],
    ],
    [
      ['tenants', 'show'],
      [...register, '--time-zone', '--json'],
    ],
    [
      ['tenants', 'set'],
      [...opened, '--time-zone', ...tenantWords, '--json'],
    ],
    [
      ['tenants', 'remove'],
      [...opened, '--json'],
    ],
    [['usage'], [...register, '--time-zone', '--by', '--month', '--from', '--to', '--appid', '--format', '--json']],
    [['statement'], [...register, '--time-zone', '--month', '--appid', '--prices', '--language', '--format']],
    [
      ['statement', 'close'],
      [...opened, '--time-zone', '--month', '--appid', '--prices', '--json'],
    ],
    [['doctor'], [...opened, '--host', '--port', '--deep', '--forget-damaged', '--json']],
    [
      ['models', 'list'],
      [...register, '--json'],
    ],
    [
      ['models', 'add'],
      [...opened, '--from', '--json'],
    ],
    [
      ['audit', 'list'],
      [...opened, ...filters, '--limit', '--json'],
    ],
    [
      ['audit', 'export'],
      [...opened, ...filters],
    ],
    [
      ['audit', 'verify'],
      [...opened, '--against', '--appid', '--id', '--json'],
    ],
    [
      ['audit', 'prune'],
      [...opened, '--before', '--json'],
    ],
    [
      ['models', 'use'],
      [...opened, '--json'],
    ],
    [
      ['models', 'verify'],
      [...register, '--json'],
    ],
  ] as const) {
    const { output } = await runHere(...words, '--help');
    const told = [...output.matchAll(/^ {2}(?:-h, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    assert.deepEqual(told.toSorted(), ['--config', '--help', ...flags].toSorted(), words.join(' '));
  }
});

test('what is not understood is said, with exit code 2', async () => {
  for (const [words, errors] of [
    [['server'], /unknown command 'server'.*--help shows what there is/s],
    [['keys', 'sell'], /unknown command 'sell'/],
    [['serve', '--colour', 'red'], /unknown option '--colour'/],
    [['usage', '--month'], /argument missing/],
    [['models', 'use'], /missing required argument 'name'/],
  ] as const) {
    const said = await runHere(...words);
    assert.deepEqual([said.exitCode, said.output], [2, ''], words.join(' '));
    assert.match(said.errors, errors);
  }
});

test('all that is wrong with the settings is said at once, wherever they come from, with exit code 2', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'familiar-settings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'settings.json');
  writeFileSync(config, JSON.stringify({ queueMax: 0, colour: 'red' }));
  const { exitCode, output, errors } = await runHere(
    'serve',
    '--port',
    '70000',
    '--workers',
    'many',
    '--config',
    config,
  );
  assert.deepEqual([exitCode, output], [2, '']);
  for (const told of [
    '--port: ',
    '--workers: ',
    `${config}: queueMax: `,
    `${config}: there is no setting called colour`,
  ])
    assert.ok(errors.includes(told), `${told} in ${errors}`);
  const absent = await runHere('usage', '--config', join(folder, 'nothing.json'));
  assert.equal(absent.exitCode, 2);
  assert.match(absent.errors, /nothing\.json/);
});

test('a command that fails says why, with exit code 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'familiar-fails-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'file');
  writeFileSync(data, '');
  const { exitCode, output, errors } = await runHere('keys', 'list', '--data', data);
  assert.deepEqual([exitCode, output], [1, '']);
  assert.match(errors, /EEXIST|ENOTDIR/);
});
