/** Runs the suite of checks over SQLite, and asks how much of a register its threads hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareOf } from '../../src/store/check/checks.ts';
import { checkSuite } from './check.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

checkSuite('SQLite', sqliteHome);

test('a thread of a check holds no more memory, however long vectors are and however many persons there are', () => {
  for (const dimension of [128, 192, 512, 1024, 4096]) {
    for (const threads of [1, 2, 64]) {
      const share = shareOf({ persons: 10_000_000, threads, dimension });
      assert.ok(share * dimension * 6 <= 115_200_000 && share > 1_000, `${dimension}: ${share}`);
    }
  }
  assert.deepEqual(
    [1, 8_000, 80_000, 8_000_000].map((persons) => shareOf({ persons, threads: 2, dimension: 192 })),
    [2_000, 2_000, 10_000, 100_000],
    'all threads have some until the end',
  );
});
