import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { type Admission, type AdmissionLimits, type AppidLimits, createAdmission } from '../../src/http/admission.ts';
import { Busy } from '../../src/http/busy.ts';

/** An admission under which every appid has the same limits. */
function open({ callsMax = 1_000, picturesMax = 1_000, ...limits }: Partial<AdmissionLimits & AppidLimits> = {}) {
  const admission = createAdmission({ workers: 1, queueWaitMaxMs: 1_000, ...limits });
  const begin: (...call: readonly [appid: string, pictures: number]) => ReturnType<Admission['begin']> = (...call) =>
    admission.begin(...call, { callsMax, picturesMax });
  return { begin, load: () => admission.load() };
}

/** The same; its pictures take 99 ms, by one worker, and may wait for 1,000 ms. */
function admissionOf(limits: Partial<AdmissionLimits & AppidLimits> = {}) {
  const admission = open(limits);
  for (let i = 0; i < 200; i += 1) measured(admission, 99);
  return admission;
}

/** Lets in a call whose pictures take so many milliseconds each, and ends it. */
function measured(admission: ReturnType<typeof open>, ...times: readonly number[]): void {
  using call = admission.begin('another', 0);
  for (const ms of times) call.analyzed(ms);
}

/** Lets in calls of one picture until one is refused. @returns how many were let in. */
function fill(admission: ReturnType<typeof admissionOf>, appid: string, most = 1_000): number {
  for (let i = 0; i < most; i += 1) {
    try {
      admission.begin(appid, 1);
    } catch (error) {
      assert.ok(error instanceof Busy);
      return i;
    }
  }
  return most;
}

test('as many pictures are let in as workers can begin in the time that callers wait', () => {
  assert.equal(fill(admissionOf(), '1'), 11, 'the last waits for ten others');
  assert.equal(fill(admissionOf({ workers: 4 }), '1'), 44);
  assert.equal(fill(admissionOf({ queueWaitMaxMs: 500 }), '1'), 6);
});

test('fewer are let in of an appid whose pictures waited longer than was foreseen, until they do no more', () => {
  const admission = admissionOf();
  const first = Array.from({ length: 11 }, () => admission.begin('1', 1));
  for (let i = 0; i < 40; i += 1) first[10]?.waited(1_980);
  first[0]?.waited(5_000);
  first[1]?.[Symbol.dispose]();
  assert.throws(() => admission.begin('1', 1), /pictures are waiting/);
  admission.begin('2', 1)[Symbol.dispose]();
  for (let i = 0; i < 5; i += 1) first[2 + i]?.[Symbol.dispose]();
  assert.equal(fill(admission, '1', 1), 1);
  for (let i = 0; i < 40; i += 1) first[10]?.waited(300);
  assert.equal(fill(admission, '1', 4), 4);
});

test('comparisons that a call needs are part of what its pictures cost, and none of them counts for more', () => {
  const admission = admissionOf();
  for (let i = 0; i < 40; i += 1) {
    using call = admission.begin('2', 2);
    for (const ms of [100, 40]) call.analyzed(ms);
    call.compared(260);
  }
  assert.equal(fill(admission, '1'), 6, 'a picture takes 200 ms');
  // One call with very many comparisons makes the pictures of others no longer than its own.
  const other = admissionOf();
  const many = other.begin('2', 20);
  for (let i = 0; i < 20; i += 1) many.analyzed(99);
  for (let i = 0; i < 20; i += 1) many.compared(99);
  many[Symbol.dispose]();
  assert.equal(fill(other, '1'), 6);
});

test('a call that ends without a picture, or whose client has left, says nothing of how long one takes', () => {
  const admission = admissionOf();
  const [empty, left] = [admission.begin('2', 1), admission.begin('2', 1)];
  empty.compared(10_000);
  empty[Symbol.dispose]();
  left[Symbol.dispose]();
  left.analyzed(10_000);
  left[Symbol.dispose]();
  assert.equal(fill(admission, '1'), 11);
});

test('before a picture was measured, few are let in', () => {
  const admission = open();
  assert.equal(fill(admission, '1'), 4);
});

test('an appid waits for its own pictures, and for as many of each other as it has itself', () => {
  const admission = admissionOf();
  assert.equal(fill(admission, 'flood'), 11);
  assert.equal(fill(admission, 'quiet', 3), 3);
  assert.equal(fill(admission, 'another'), 4, 'the fifth would wait for five, four and three');
});

/** When the next calls of an appid that are refused are told to come again, in seconds. */
function toldTimes(admission: ReturnType<typeof admissionOf>, appid: string, calls: number): readonly number[] {
  return Array.from({ length: calls }, () => {
    try {
      admission.begin(appid, 1);
    } catch (error) {
      return (error as Busy).retryAfterSeconds ?? Number.NaN;
    }
    return 0;
  });
}

test('who is refused is told to come again when there is room for it, each later than the one before', () => {
  const admission = admissionOf({ queueWaitMaxMs: 2_500 });
  fill(admission, '1');
  const times = toldTimes(admission, '1', 100);
  assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]!));
  const counts = Map.groupBy(times, (time) => time);
  // A picture takes a tenth of a second, so that ten may come in each.
  for (let second = 1; second <= 9; second += 1) {
    const count = counts.get(second)?.length ?? 0;
    assert.ok(count >= 8 && count <= 12, `${count} in second ${second}`);
  }
  assert.ok(
    toldTimes(admission, '1', 1_000).every((time) => time <= 30),
    'nobody is sent away for long',
  );
});

test('nobody is told to stay away for more than half a minute, whatever the time is', (t) => {
  // Added to this one and taken from it again, half a minute is a little longer.
  const now = 29_666.24;
  t.mock.method(performance, 'now', () => now);
  const admission = admissionOf({ queueWaitMaxMs: 2_500 });
  fill(admission, '1');
  assert.ok(now + 30_000 - now > 30_000);
  assert.equal(Math.max(...toldTimes(admission, '1', 1_000)), 30);
});

test('who is told to come again does not stay away for those of another appid', () => {
  const admission = admissionOf({ queueWaitMaxMs: 100 });
  for (const appid of ['a', 'b', 'c']) fill(admission, appid, 1);
  toldTimes(admission, 'a', 100);
  assert.deepEqual(toldTimes(admission, 'd', 2), [1, 1]);
});

test('calls without pictures are let in however long the queue is', () => {
  const admission = admissionOf();
  fill(admission, '1');
  admission.begin('1', 0)[Symbol.dispose]();
});

test('what a call announced, downloads, analyses and leaves is counted, and nothing is left', () => {
  const admission = admissionOf({ picturesMax: 6 });
  const call = admission.begin('1', 1);
  call.found(4, 3);
  assert.equal(fill(admissionOf({ picturesMax: 6 }), '1', 2), 2);
  assert.throws(() => admission.begin('1', 3), /pictures in flight/);
  call.downloaded();
  call.done(true);
  call.done(false);
  const other = admission.begin('1', 4);
  assert.throws(() => admission.begin('1', 1), /pictures in flight/);
  other[Symbol.dispose]();
  // While one of its calls is in flight, what is counted of an appid is kept.
  admission.begin('1', 0);
  call[Symbol.dispose]();
  call[Symbol.dispose]();
  call.downloaded();
  call.done(true);
  call.found(5, 0);
  assert.equal(fill(admission, '1'), 6);
});

test('a call with more pictures than may be in flight is let in alone', () => {
  const admission = admissionOf({ picturesMax: 3 });
  const many = admission.begin('1', 1);
  many.found(20, 0);
  assert.throws(() => admission.begin('1', 1), /pictures in flight/);
  many[Symbol.dispose]();
  const one = admission.begin('1', 1);
  const late = admission.begin('1', 1);
  assert.throws(() => late.found(20, 0), /pictures in flight/);
  one[Symbol.dispose]();
});

test('pictures that are downloaded keep nobody waiting until they are there', () => {
  const admission = admissionOf();
  const calls = Array.from({ length: 11 }, () => admission.begin('1', 1));
  for (const call of calls) call.found(1, 1);
  assert.equal(fill(admission, '1', 5), 5);
  for (const call of calls) call.downloaded();
  assert.throws(() => admission.begin('1', 1), /pictures are waiting/);
});

test('a body that is long in coming keeps nobody waiting, and is let in again when it is there', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const admission = admissionOf();
    const slow = Array.from({ length: 11 }, () => admission.begin('1', 1));
    assert.throws(() => admission.begin('1', 1), Busy);
    mock.timers.tick(1_000);
    slow[0]?.found(1, 0);
    assert.equal(fill(admission, '1'), 10);
    assert.throws(() => slow[1]?.found(1, 0), /pictures are waiting/);
  } finally {
    mock.timers.reset();
  }
});

test('each call is let in by the limits that its appid has by then', () => {
  const admission = createAdmission({ workers: 1, queueWaitMaxMs: 1_000 });
  const begin = (callsMax: number) => admission.begin('1', 0, { callsMax, picturesMax: 1 });
  const calls = [begin(2), begin(2)];
  assert.throws(() => begin(2), /calls in flight/);
  calls.push(begin(3));
  assert.throws(() => begin(1), /calls in flight/);
  assert.equal(calls.length, 3);
});
