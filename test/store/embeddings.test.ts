/** Embeddings are read wherever their bytes lie in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBytes } from '../../src/store/embeddings.ts';

test('an embedding is the same wherever its bytes lie, and shares their memory where it can', () => {
  const values = [0, -0, 1.5, -(2 ** -130), Number.POSITIVE_INFINITY, 3.25];
  for (let offset = 0; offset < 9; offset++) {
    const bytes = new Uint8Array(offset + 4 * values.length + 5).fill(0xee);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of values.entries()) view.setFloat32(offset + 4 * i, value, true);
    const embedding = fromBytes(bytes.subarray(offset, offset + 4 * values.length));
    assert.deepEqual([...embedding], values.map(Math.fround), `offset ${offset}`);
    const isShared = embedding.buffer === bytes.buffer;
    assert.equal(isShared, offset % 4 === 0, `offset ${offset}`);
  }
  assert.equal(fromBytes(new Uint8Array()).length, 0);
});
