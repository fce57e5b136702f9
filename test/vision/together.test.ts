/** A batch is run at once where that takes less time and gives what its items give one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../src/vision/models/runtime.ts';
import { togetherIfBetter } from '../../src/vision/models/together.ts';

const double = (input: Float32Array) => ({ out: input.map((value) => 2 * value) });
/** Two items of two numbers. */
const batch = Float32Array.of(1, 2, 3, 5);

/** Runs the batch five times; one by one takes ten milliseconds. @returns how it was run each time, and the last answer. */
async function runs(runTogether: Network['runTogether'], togetherMs: readonly number[] = [9]) {
  let [now, turn] = [0, 0];
  const how: string[] = [];
  const clock = () => now;
  const network: Network = {
    run: async (input) => {
      how.push('one by one');
      now += 10;
      return double(input);
    },
    runTogether:
      runTogether &&
      (async (input, shape) => {
        how.push('at once');
        now += togetherMs[turn++ % togetherMs.length]!;
        return runTogether(input, shape);
      }),
  };
  const run = togetherIfBetter(network, clock);
  for (let i = 0; i < 4; i++) assert.deepEqual(await run(batch, [2, 2]), double(batch), 'whichever way it is run');
  const before = how.length;
  await run(batch, [2, 2]);
  return { how, last: how.slice(before) };
}

// The last digits may differ.
const same: Network['runTogether'] = async (input) => ({ out: double(input).out.map((value) => value * 1.000_000_01) });

test('once a batch has given what its items give, and in less time, the next are run at once', async () => {
  const { how, last } = await runs(same);
  assert.deepEqual(how.slice(0, 6), ['one by one', 'at once', 'one by one', 'at once', 'one by one', 'at once']);
  assert.deepEqual(last, ['at once']);
  assert.deepEqual((await runs(same, [30, 9, 30])).last, ['at once'], 'it was disturbed twice');
  assert.deepEqual((await runs(same, [11])).last, ['one by one']);
});

test('a network that gives a batch something else, or takes none, is run one by one for ever', async () => {
  const faults: readonly Network['runTogether'][] = [
    async (input) => ({ out: double(input).out.toReversed() }),
    async (input) => ({ out: double(input).out.map((value) => value * 1.001) }),
    async (input) => ({ out: double(input).out.subarray(2) }),
    async (input) => ({ other: double(input).out }),
    async (input) => ({ out: double(input).out.with(3, Number.NaN) }),
    () => Promise.reject(new Error('Got: 2 Expected: 1')),
  ];
  for (const fault of faults)
    assert.deepEqual((await runs(fault)).how, ['one by one', 'at once', ...new Array(4).fill('one by one')]);
  assert.deepEqual((await runs(undefined)).how, new Array(5).fill('one by one'));
});

test('one item alone is no batch, and a batch of another length is tried by itself', async () => {
  const lengths: number[] = [];
  const run = togetherIfBetter({
    run: async (input) => double(input),
    runTogether: async (input, [items]) => {
      lengths.push(items!);
      return double(input);
    },
  });
  for (const items of [1, 2, 4]) {
    const input = new Float32Array(2 * items).fill(3);
    assert.deepEqual(await run(input, [items, 2]), double(input));
  }
  assert.deepEqual(lengths, [2, 4]);
});

test('an item of which a network tells nothing is the same in a batch', async () => {
  const input = Float32Array.of(0, 0, 3, 5);
  let now = 0;
  const how: string[] = [];
  const network: Network = {
    run: async () => {
      how.push('one by one');
      now += 10;
      return double(input);
    },
    runTogether: async () => {
      now += 1;
      return double(input);
    },
  };
  const run = togetherIfBetter(network, () => now);
  for (let i = 0; i < 4; i++) await run(input, [2, 2]);
  assert.equal(how.length, 3);
});
