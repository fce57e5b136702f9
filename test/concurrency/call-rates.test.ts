import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CallRates, type RateLease, type RateLeases } from '../../src/concurrency/call-rates.ts';

/** How many of so many takes there were, and whether any had to be waited for. */
async function taken(rates: CallRates, max: number, times: number, party = 'a') {
  const answers = Array.from({ length: times }, () => rates.take(party, max));
  const waited = answers.some((answer) => typeof answer !== 'boolean');
  return { taken: (await Promise.all(answers)).filter(Boolean).length, waited };
}

/** A shared count of which a test says what it grants, one lease after the other. */
function leasesOf(...leases: readonly (RateLease | Error)[]): RateLeases & { readonly needed: number[] } {
  const needed: number[] = [];
  return {
    needed,
    take: async (_party, _max, count) => {
      needed.push(count);
      await setImmediate();
      const lease = leases[needed.length - 1] ?? assert.fail('it was asked for more leases than there are');
      if (lease instanceof Error) throw lease;
      return lease;
    },
  };
}

test('alone, a party does something as often as it may in a second, without waiting, and again in the next', async () => {
  let now = 5_000;
  const rates = new CallRates(undefined, () => now);
  assert.deepEqual(await taken(rates, 3, 5), { taken: 3, waited: false });
  assert.deepEqual(await taken(rates, 3, 2, 'b'), { taken: 2, waited: false });
  now += 999;
  assert.equal((await taken(rates, 3, 1)).taken, 0);
  now += 1;
  assert.equal((await taken(rates, 3, 5)).taken, 3);
  now += 1_000;
  assert.equal((await taken(rates, 1, 5)).taken, 1, 'by the limit that there is by then');
});

test('a shared count is asked for a lease, and not again while something is left of it', async () => {
  let now = 0;
  const leases = leasesOf({ granted: 4, isLast: false, forMs: 500 }, { granted: 2, isLast: true, forMs: 400 });
  const rates = new CallRates(leases, () => now);
  assert.deepEqual(await taken(rates, 10, 1), { taken: 1, waited: true });
  assert.deepEqual(await taken(rates, 10, 3), { taken: 3, waited: false });
  assert.deepEqual(await taken(rates, 10, 3), { taken: 2, waited: true }, 'the second has no more');
  now = 399;
  assert.deepEqual(await taken(rates, 10, 1), { taken: 0, waited: false }, 'which need not be asked again');
  assert.deepEqual(leases.needed, [1, 1]);
});

test('what is left of a lease ends with its second, and those who come while one is asked for share the next', async () => {
  let now = 0;
  const leases = leasesOf(
    { granted: 9, isLast: false, forMs: 10 },
    { granted: 1, isLast: false, forMs: 900 },
    { granted: 3, isLast: false, forMs: 900 },
    { granted: 1, isLast: true, forMs: 900 },
  );
  const rates = new CallRates(leases, () => now);
  await taken(rates, 20, 1);
  now = 10;
  assert.deepEqual(await taken(rates, 20, 6), { taken: 5, waited: true });
  assert.deepEqual(leases.needed, [1, 1, 5, 2]);
});

test('while the shared count fails or hangs, a process counts alone, a second at a time', async () => {
  let now = 0;
  const failing = new CallRates(leasesOf(new Error('gone'), { granted: 1, isLast: true, forMs: 1 }), () => now);
  assert.deepEqual(await taken(failing, 2, 5), { taken: 2, waited: true });
  assert.deepEqual(await taken(failing, 2, 1), { taken: 0, waited: false });
  now = 1_000;
  assert.equal((await taken(failing, 2, 5)).taken, 1, 'then it asks again');
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const hanging = new CallRates({ take: () => new Promise(() => {}) }, () => now);
    const answers = taken(hanging, 2, 5);
    mock.timers.tick(500);
    assert.deepEqual(await answers, { taken: 2, waited: true });
  } finally {
    mock.timers.reset();
  }
});

test('parties of long ago are forgotten, and those of this second are not', async () => {
  let now = 0;
  const rates = new CallRates(undefined, () => now);
  for (let i = 0; i < 9_999; i += 1) void rates.take(String(i), 1);
  now = 1_000;
  void rates.take('late', 1);
  for (let i = 10_000; i < 20_000; i += 1) void rates.take(String(i), 1);
  assert.equal(rates.take('late', 1), false);
});
