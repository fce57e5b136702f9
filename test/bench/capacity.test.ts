import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { largestShare, plan, readFigures, renderCapacity } from '../../bench/scale/capacity.ts';
import { root } from '../harness.ts';

const read = (page: string): string => readFileSync(join(root, 'bench/results', page), 'utf8');

test('the plans of the page are worked out of the figures that the pages of results say', () => {
  for (const [page, language] of [
    ['docs/scale.md', 'en'],
    ['docs/zh/scale.md', 'zh'],
  ] as const) {
    assert.ok(
      readFileSync(join(root, page), 'utf8').includes(renderCapacity(read, language)),
      'run `npm run generate`',
    );
  }
  const changed = (page: string): string =>
    read(page).replace(/Memory a face: [\d,]+ bytes/, 'Memory a face: 2,000 bytes');
  assert.equal(readFigures(changed).indexBytes, 2_000);
  assert.throws(() => readFigures(() => 'nothing'), /bench\/results\/README.md does not say picturesPerCore/);
});

test('more faces or more pictures never take less, and what is planned suffices', () => {
  const measured = readFigures(read);
  const [few, many] = [plan(measured, 1e6, 100), plan(measured, 1e9, 10_000)];
  for (const key of ['servers', 'database', 'writes', 'machines', 'connections', 'network', 'roundRobin'] as const) {
    assert.ok(many[key] > few[key], key);
  }
  assert.ok(few.servers >= 2);
  for (const one of [few, many]) assert.ok(one.hashed <= 64 * 2 ** 30, `${one.hashed}`);
  assert.ok(many.servers * 32 * measured.picturesPerCore > 10_000);
  assert.equal(many.database, 1e9 * measured.databaseBytes);
});

test('the fullest of several servers has more than its share, and never all', () => {
  assert.equal(largestShare(1), 1);
  for (const servers of [2, 5, 30]) {
    assert.ok(largestShare(servers) >= 1 / servers);
    assert.ok(largestShare(servers) < 2.5 / servers);
  }
});
