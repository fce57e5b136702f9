import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { indexMemoryOf } from '../../src/app/index-memory.ts';

test('the index may take as much memory as is set, or half of what the process may have', (t) => {
  assert.equal(indexMemoryOf({ indexMemory: 5 }), 5);
  const limit = t.mock.method(process, 'constrainedMemory', () => 1_000);
  assert.equal(indexMemoryOf({ indexMemory: 0 }), 500);
  for (const none of [0, 2 ** 63]) {
    limit.mock.mockImplementation(() => none);
    assert.equal(indexMemoryOf({ indexMemory: 0 }), Math.floor(totalmem() / 2));
  }
});
