import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageQuery } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { PictureQuotas, type PictureReservation } from '../../src/http/picture-quotas.ts';
import { imageOf, serve } from './served.ts';

/** Quotas over counts that a test writes, by a clock of its own. */
function open() {
  const state = { now: 0, day: '2026-11-30', counted: 0, isGone: false, asked: [] as UsageQuery[] };
  const report = async (query: UsageQuery) => {
    state.asked.push(query);
    const { counted, isGone } = state;
    await Promise.resolve();
    if (isGone) throw new Error('gone');
    return counted === 0 ? [] : [{ appid: 'a', ok: 1, failed: 0, pictures: counted, faces: 0 }];
  };
  const quotas = new PictureQuotas({ usage: { report }, day: () => state.day }, () => state.now);
  /** A call that has begun; it is counted as the ledger does it, before it is over. */
  const begin = async (pictures: number, most: number) => {
    let analysed = 0;
    const reservation = await quotas.begin('a', most, pictures, () => analysed);
    const end = (count = pictures): void => {
      analysed = count;
      state.counted += count;
      reservation[Symbol.dispose]();
    };
    return { reservation, end };
  };
  return { state, begin };
}

function isOver(work: Promise<unknown> | (() => void), retryAfterSeconds = 86_400): Promise<void> {
  return assert.rejects(typeof work === 'function' ? async () => work() : work, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.refusal, error.detail], ['tooManyRequests', 'pictures of the month: 10 at most']);
    assert.equal(error.retryAfterSeconds, retryAfterSeconds);
    return true;
  });
}

test('an appid has as many pictures analysed in a month as it may, to the picture, and again in the next', async () => {
  const { state, begin } = open();
  state.counted = 4;
  for (let i = 0; i < 6; i += 1) (await begin(1, 10)).end();
  await isOver(begin(1, 10));
  state.now = 1_500;
  await isOver(begin(1, 10));
  state.day = '2026-11-01';
  await isOver(begin(1, 10), 30 * 86_400);
  state.day = '2026-12-01';
  state.counted = 0;
  (await begin(10, 10)).end();
  await isOver(begin(1, 10), 31 * 86_400);
  assert.deepEqual(state.asked.map(({ from, to, appid }) => [from, to, appid]).at(-1), [
    '2026-12-01',
    '2026-12-31',
    'a',
  ]);
});

test('pictures in flight are reserved, those that a call turns out to have too, and given back if they were not analysed', async () => {
  const { begin } = open();
  const [one, other] = [await begin(1, 10), await begin(1, 10)];
  one.reservation.found(8);
  await isOver(() => other.reservation.found(3));
  await isOver(begin(2, 10));
  other.reservation.found(2);
  one.end(0);
  const third = await begin(8, 10);
  third.end(7);
  third.reservation[Symbol.dispose]();
  other.end(2);
  (await begin(1, 10)).end();
  await isOver(begin(1, 10));
});

test('what other servers count is known within a second, or a minute where plenty is left, and no call waits for it', async () => {
  const { state, begin } = open();
  (await begin(1, 10)).end();
  state.counted = 10;
  state.now = 999;
  (await begin(1, 10)).end(0);
  assert.equal(state.asked.length, 1);
  state.now = 1_000;
  (await begin(1, 10)).end(0);
  await isOver(begin(1, 10));
  assert.equal(state.asked.length, 2);
  state.now = 60_999;
  (await begin(1, 20_000)).end(0);
  assert.equal(state.asked.length, 2);
  state.counted = 20_000;
  await assert.rejects(begin(1, 10), 'a server that knows nothing of late waits for it');
  assert.equal(state.asked.length, 3);
});

test('while counts cannot be read, what is known of them holds', async () => {
  const { state, begin } = open();
  state.isGone = true;
  const before: PictureReservation[] = [];
  for (let i = 0; i < 10; i += 1) before.push((await begin(1, 10)).reservation);
  await isOver(begin(1, 10));
  assert.equal(state.asked.length, 1, 'it is not asked for with each call');
});

test('a call over the quota of its appid is 15, before its body is read, and its pictures are not analysed', async () => {
  const counts: number[] = [];
  const usage = {
    count: async ({ pictures }: { readonly pictures: number }) => void counts.push(pictures),
    report: async () => [
      { appid: '1', ok: 0, failed: 0, pictures: counts.reduce((sum, one) => sum + one, 0), faces: 0 },
    ],
  };
  await using served = serve({ usage, limits: { picturesPerMonthMax: 3 } });
  const image = imageOf({ cosine: 1 });
  assert.equal((await served.call('compare', { imageA: image, imageB: image })).code, 0);
  const over = await served.call('compare', { imageA: image, imageB: image });
  assert.deepEqual([over.code, over.status], [15, 429]);
  assert.equal(over.message, 'too many requests pictures of the month: 3 at most');
  assert.equal(over.headers['retry-after'], '86400');
  assert.equal((await served.call('detect', { image })).code, 0);
  assert.equal((await served.call('detect', {})).code, 15, 'without a picture, too: it is told from the head');
  assert.equal((await served.call('getgroupids')).code, -1307, 'calls without pictures go on');
  assert.deepEqual(counts, [2, 0, 1, 0, 0]);
});
