import assert from 'node:assert/strict';
import test from 'node:test';
import { RecentCalls, slotMs } from '../../src/ops/recent-calls.ts';

/** A call, of which a test says what matters to it. */
const called = (ms: number, refusal?: string) => ({
  endpoint: 'detect',
  code: refusal === undefined ? 0 : -1303,
  refusal,
  ms,
  stages: {},
  pictures: 1,
  faces: 0,
});

function counting() {
  const clock = { ms: 1_000 * slotMs };
  return { clock, recent: new RecentCalls(() => clock.ms) };
}

test('calls of a slot are told when it is over, and what is no call never', () => {
  const { clock, recent } = counting();
  for (let ms = 1; ms <= 100; ms++) recent.observe(called(ms));
  recent.observe(called(5, 'personUnknown'));
  recent.observe({ ...called(5), endpoint: null });
  assert.ok(recent.slots().every(({ calls }) => calls === 0));
  clock.ms += slotMs;
  const { p50Ms, p95Ms, ...last } = recent.slots().at(-1)!;
  assert.deepEqual(last, { at: 1_000 * slotMs, calls: 101, refused: 1, pictures: 101 });
  assert.ok(p50Ms! >= 49 && p50Ms! <= 50 * 1.2, `${p50Ms}`);
  assert.ok(p95Ms! >= 95 && p95Ms! <= 96 * 1.2, `${p95Ms}`);
  assert.deepEqual(recent.slots()[0], {
    ...last,
    at: 882 * slotMs,
    calls: 0,
    refused: 0,
    pictures: 0,
    p50Ms: null,
    p95Ms: null,
  });
});

test('a latency of nothing, and one without end, are counted', () => {
  const { clock, recent } = counting();
  for (const ms of [0, 1e9]) recent.observe(called(ms));
  clock.ms += slotMs;
  const { p50Ms, p95Ms } = recent.slots().at(-1)!;
  assert.deepEqual([p50Ms, p95Ms! > 80_000], [0.1, true]);
});

test('refusals are summed by reason over ten minutes, and then forgotten', () => {
  const { clock, recent } = counting();
  recent.observe(called(1, 'personUnknown'));
  clock.ms += slotMs;
  for (const reason of ['noFace', 'noFace', 'personUnknown', 'noFace']) recent.observe(called(1, reason));
  const reasons = () => recent.refusals().map(({ reason, count }) => `${reason} ${count}`);
  assert.deepEqual(reasons(), ['noFace 3', 'personUnknown 2']);
  clock.ms += 119 * slotMs;
  assert.deepEqual(reasons(), ['noFace 3', 'personUnknown 1']);
  clock.ms += slotMs;
  assert.deepEqual(reasons(), []);
  assert.ok(recent.slots().every(({ calls }) => calls === 0));
  recent.observe(called(1));
  clock.ms += slotMs;
  assert.equal(recent.slots().at(-1)!.calls, 1);
});
