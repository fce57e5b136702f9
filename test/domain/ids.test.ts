import assert from 'node:assert/strict';
import test from 'node:test';
import { createFaceIds } from '../../src/domain/ids.ts';

const epoch = Date.UTC(2026, 0, 1);

test('a face id has 19 digits, the first of which is not 0, and fits 64 bits, until 2095', () => {
  for (const now of [epoch - 1, epoch, epoch + 1, Date.UTC(2026, 10, 29), Date.UTC(2095, 0, 1)]) {
    const id = createFaceIds(() => now)();
    assert.match(id, /^[1-9]\d{18}$/);
    assert.ok(BigInt(id) < 2n ** 63n);
  }
});

test('later ids are larger: within a millisecond, after it, and when the clock steps back', () => {
  let now = epoch + 5;
  const newFaceId = createFaceIds(() => now);
  let last = 0n;
  for (const step of [0, 0, 0, 1, 0, -3, 0, 2, 1_000, -100_000, 0]) {
    now += step;
    const id = BigInt(newFaceId());
    assert.ok(id > last, `${id} after ${last}, ${step} ms later`);
    last = id;
  }
});

test('a millisecond that has run out of ids borrows from the next, which goes on behind them', () => {
  let now = epoch + 1;
  const places = [2 ** 21 - 2, 0];
  const newFaceId = createFaceIds(
    () => now,
    () => places.shift() ?? assert.fail('a millisecond that was borrowed from does not begin anew'),
  );
  const next = () => BigInt(newFaceId()) - 10n ** 18n;
  assert.deepEqual([next(), next(), next()], [(2n << 21n) - 2n, (2n << 21n) - 1n, 2n << 21n]);
  now += 1;
  assert.equal(next(), (2n << 21n) + 1n);
  now += 1;
  assert.equal(next(), 3n << 21n);
});

test('each millisecond of each source begins at a random place, above which half of the places are free', () => {
  const bounds: number[] = [];
  let now = epoch + 7;
  const newFaceId = createFaceIds(
    () => now++,
    (bound) => bounds.push(bound),
  );
  const ids = [newFaceId(), newFaceId()].map((id) => BigInt(id) - 10n ** 18n);
  assert.deepEqual(ids, [(7n << 21n) + 1n, (8n << 21n) + 2n]);
  assert.deepEqual(bounds, [2 ** 20, 2 ** 20]);
  const places = Array.from({ length: 40 }, () => BigInt(createFaceIds(() => epoch + 1)()) % 2n ** 21n);
  assert.ok(new Set(places).size > 30, 'places are random unless a test says otherwise');
});
