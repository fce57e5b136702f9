import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { createMonth } from '../../src/app/usage.ts';
import { call } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

const dayMs = 86_400_000;
const march = { ...call, month: '2025-03' };

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-usage-'));
  data = join(folder, 'data');
  await using stores = await openData(readSettings({ data }, undefined, {}));
  for (const counted of [
    { ...march, endpoint: 'newperson', pictures: 10 },
    { ...march, endpoint: 'newperson', ok: false },
    { ...march, endpoint: 'getinfo', pictures: 0, faces: 0 },
    { ...march, appid: '7', endpoint: 'retired' },
    // The month may end while the tests run.
    ...[0, dayMs].map((later) => ({ ...call, month: createMonth('Asia/Shanghai', () => Date.now() + later)() })),
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
    `appid  month    endpoint   ok  failed  pictures  faces  charged
1001   2025-03  getinfo     1       0         0      0
1001   2025-03  newperson   1       1        11      4  verify, identify
7      2025-03  retired     1       0         1      2
`,
  );
  const rows = JSON.parse((await usage('--month', '2025-03', '--appid', '7', '--json')).output);
  const counted = { ok: 1, failed: 0, pictures: 1, faces: 2, products: [] };
  assert.deepEqual(rows, [{ appid: '7', month: '2025-03', endpoint: 'retired', ...counted }]);
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
