/** Embeddings are read wherever their bytes lie in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBytes } from '../../src/store/embeddings.ts';
import { embeddingOf } from '../../src/vision/pipeline/embed.ts';

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

test('an embedding that still ends with a hash of its photograph is read as the recogniser gives it today', () => {
  const said = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i * i));
  const today = embeddingOf(said)!;
  for (const hashSize of [0.01, 0]) {
    const stored = new Float32Array(256);
    stored.set(today.map((value) => value * Math.sqrt(1 - hashSize ** 2)));
    for (let i = 192; i < 256; i++) stored[i] = hashSize * (i % 2 === 0 ? 0.125 : -0.125);
    const read = fromBytes(new Uint8Array(stored.buffer));
    assert.equal(read.length, 192);
    for (const [i, value] of read.entries()) assert.ok(Math.abs(value - today[i]!) < 1e-7, `${value}`);
  }
});

test('an embedding of 256 numbers that all tell the person is read as it is', () => {
  const stored = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * i) / Math.sqrt(128));
  assert.deepEqual(fromBytes(new Uint8Array(stored.buffer)), stored);
  // As a last quarter as short as it can be: longer than any hash.
  const short = new Float32Array(256).fill(0.0717, 0, 192).fill(0.02 / 8, 192);
  assert.deepEqual(fromBytes(new Uint8Array(short.buffer)), short);
});
