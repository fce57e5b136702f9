import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { after, before } from 'node:test';
import { createDay } from '../../src/app/calendar.ts';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { call } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

const dayMs = 86_400_000;
const march = { ...call, day: '2025-03-07' };

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-usage-'));
  data = join(folder, 'data');
  await using stores = await openData(readSettings({ data }, undefined, {}));
  for (const counted of [
    { ...march, endpoint: 'newperson', pictures: 10 },
    { ...march, day: '2025-03-31', secretId: 'a,"b', endpoint: 'newperson', code: -1302 },
    { ...march, endpoint: 'getinfo', pictures: 0, faces: 0 },
    { ...march, appid: '7', endpoint: 'retired' },
    // The month may end while the tests run.
    ...[0, dayMs].map((later) => ({ ...call, day: createDay('Asia/Shanghai', () => Date.now() + later)() })),
  ])
    await stores.usage.count(counted);
});
after(() => rm(folder, { recursive: true }));

const usage = (...words: string[]) => runHere('usage', '--data', data, ...words);

test('the calls of a month are reported by appid and endpoint, with what they are charged as', async () => {
  const { exitCode, output } = await usage('--month', '2025-03');
  assert.equal(exitCode, 0);
  assert.equal(
    output,
    `appid  endpoint   ok  failed  pictures  faces  charged
1001   getinfo     1       0         0      0
1001   newperson   1       1        11      4  verify, identify
7      retired     1       0         1      2
`,
  );
  const rows = JSON.parse((await usage('--month', '2025-03', '--appid', '7', '--json')).output);
  const counted = { ok: 1, failed: 0, pictures: 1, faces: 2, products: [] };
  assert.deepEqual(rows, [{ appid: '7', endpoint: 'retired', ...counted }]);
});

test('without a month this one is reported, and a month without calls says so', async () => {
  const rows = JSON.parse((await usage('--json')).output) as { endpoint: string }[];
  assert.deepEqual(
    rows.map(({ endpoint }) => endpoint),
    ['detect'],
  );
  assert.deepEqual(await usage('--month', '2020-01'), {
    exitCode: 0,
    output: 'No calls were counted in 2020-01.\n',
    errors: '',
  });
});

test('a month that is not spelled as 2026-11 is not understood', async () => {
  for (const month of ['2020-13', '2020-00', '2020-1', '202-01', '2020-011', 'x2020-01', '2020-01\n', '2020/01', '']) {
    const { exitCode, output, errors } = await usage('--month', month);
    assert.deepEqual([exitCode, output], [2, ''], JSON.stringify(month));
    assert.match(errors, /spell it as 2026-11/);
  }
  for (const month of ['2020-01', '2020-09', '2020-10', '2020-12'])
    assert.equal((await usage('--month', month)).exitCode, 0);
});

const march2025 = ['--month', '2025-03', '--appid', '1001'] as const;

test('calls are told apart by day, key, endpoint, product and code, or some of them at once', async () => {
  const lines = async (by: string) => {
    const { output } = await usage(...march2025, '--by', by, '--format', 'csv');
    return output.trimEnd().split('\n');
  };
  const counts = 'ok,failed,pictures,faces';
  assert.deepEqual(await lines('day'), [`appid,day,${counts}`, '1001,2025-03-07,2,0,10,2', '1001,2025-03-31,0,1,1,2']);
  assert.deepEqual(await lines('month'), [`appid,month,${counts}`, '1001,2025-03,2,1,11,4']);
  assert.deepEqual(await lines('key'), [`appid,key,${counts}`, '1001,"a,""b",0,1,1,2', '1001,k,2,0,10,2']);
  assert.deepEqual(await lines('product'), [
    `appid,product,${counts}`,
    '1001,verify,1,1,11,4',
    '1001,identify,1,1,11,4',
  ]);
  assert.deepEqual(await lines('endpoint,code'), [
    `appid,endpoint,code,${counts},charged`,
    '1001,getinfo,0,1,0,0,0,',
    '1001,newperson,-1302,0,1,1,2,"verify, identify"',
    '1001,newperson,0,1,0,10,2,"verify, identify"',
  ]);
});

test('a span of days has its first and its last day', async () => {
  const days = async (from: string, to: string) => {
    const { output } = await usage('--from', from, '--to', to, '--by', 'day', '--format', 'json');
    return (JSON.parse(output) as { day: string }[]).map(({ day }) => day);
  };
  assert.deepEqual(await days('2025-03-07', '2025-03-31'), ['2025-03-07', '2025-03-31', '2025-03-07']);
  assert.deepEqual(await days('2025-03-08', '2025-03-30'), []);
  assert.deepEqual(await days('2025-03-31', '2025-03-31'), ['2025-03-31']);
  const none = await usage('--from', '2020-01-01', '--to', '2020-02-29');
  assert.equal(none.output, 'No calls were counted in 2020-01-01 to 2020-02-29.\n');
});

test('what is asked for in a way that cannot be is not understood, and the message says what is wrong', async () => {
  for (const [words, message] of [
    [['--from', '2025-03-01'], /--to is missing/],
    [['--to', '2025-03-01'], /--from is missing/],
    [['--from', '2025-03-32', '--to', '2025-04-01'], /--from 2025-03-32: spell it as/],
    [['--from', '2025-03-01', '--to', '2025-02-29'], /--to 2025-02-29: spell it as/],
    [['--from', '2025-03-02', '--to', '2025-03-01'], /comes after/],
    [['--month', '2025-03', '--from', '2025-03-01'], /exclude each other/],
    [['--by', 'hour'], /name some of month, day, key, endpoint, product, code/],
    [['--by', 'day,day'], /each once/],
    [['--by', ''], /--by : name/],
    [['--format', 'xml'], /Allowed choices are table, json, csv/],
  ] as const) {
    const { exitCode, output, errors } = await usage(...words);
    assert.deepEqual([exitCode, output], [2, ''], words.join(' '));
    assert.match(errors, message, words.join(' '));
  }
});

test('counts of a month whose days are not known are told with the month, and left out of a part of it with a word', async () => {
  {
    using calls = new DatabaseSync(join(data, 'familiar-calls.db'));
    calls.exec(`insert into usage values ('9', '2024-05', 'detect', 5, 2, 7, 9)`);
  }
  const nine = (...words: string[]) => usage('--appid', '9', '--format', 'csv', ...words);
  const title = 'appid,day,ok,failed,pictures,faces\n';
  for (const words of [
    ['--month', '2024-05'],
    ['--from', '2024-05-01', '--to', '2024-06-10'],
  ]) {
    assert.deepEqual(await nine('--by', 'day', ...words), {
      exitCode: 0,
      output: `${title}9,2024-05,5,2,7,9\n`,
      errors: '',
    });
  }
  for (const [from, to] of [
    ['2024-05-02', '2024-05-31'],
    ['2024-05-01', '2024-05-30'],
    ['2024-05-02', '2024-05-03'],
    ['2024-04-01', '2024-05-30'],
    ['2024-05-31', '2024-06-30'],
  ] as const) {
    const { output, errors } = await nine('--by', 'day', '--from', from, '--to', to);
    assert.equal(output, title, `${from} ${to}`);
    assert.equal(errors, '7 calls of 2024-05 are left out: their days are not known, so ask for all of the month\n');
  }
});
