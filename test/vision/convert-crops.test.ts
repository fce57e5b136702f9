/** Crops that are embedded in the background go to a worker some at once, and are all answered for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertCropsWith } from '../../src/vision/pool/analyze-pictures.ts';
import type { Workers } from '../../src/vision/pool/ask.ts';
import { dispatchTo } from '../../src/vision/pool/dispatch.ts';
import type { Answer } from '../../src/vision/pool/task.ts';

const model = { pack: null, model: 'm', dimension: 1 };
/** Crops that are told apart by their only byte, and what a worker makes of one. */
const crops = [1, 2, 3, 4, 5].map((byte) => Uint8Array.of(byte));
const embedded = (byte: number): readonly Float32Array[] => [Float32Array.of(byte)];
const never = new AbortController().signal;

/** Has workers convert the crops, which answer as the test says to the bytes that they are sent. */
async function convert(
  answer: (bytes: readonly number[], interrupted: AbortSignal | undefined) => Promise<Answer> | Answer,
) {
  const sent: (readonly number[])[] = [];
  const pool: Workers = {
    async run(task, begin, interrupted) {
      begin();
      assert.ok(task.kind === 'embed');
      const bytes = [...task.picture];
      assert.deepEqual(
        task.lengths,
        bytes.map(() => 1),
      );
      sent.push(bytes);
      return answer(bytes, interrupted);
    },
  };
  const dispatch = dispatchTo(pool, { workers: 2, queueMax: 1, deadlineMs: 1_000 });
  const made = await convertCropsWith(dispatch, crops, model, never);
  return { sent, made: made.map((one) => (one instanceof Error ? one.message : one[0])) };
}

test('crops go to a worker together; what it leaves for later is sent again', async () => {
  const { sent, made } = await convert((bytes) => ({ kind: 'embedded', crops: bytes.slice(0, 2).map(embedded) }));
  assert.deepEqual(sent, [[1, 2, 3, 4, 5], [3, 4, 5], [5]]);
  assert.deepEqual(made, [1, 2, 3, 4, 5]);
});

test('a crop that a network refuses is the only one that has no embedding', async () => {
  const { made } = await convert((bytes) => ({
    kind: 'embedded',
    crops: bytes.map((byte) =>
      byte === 3 ? { kind: 'refused', refusal: 'featureFailed', detail: '' } : embedded(byte),
    ),
  }));
  assert.deepEqual(made, [1, 2, 'featureFailed', 4, 5]);
});

test('a crop that ends its process is the only one that has no embedding', async () => {
  const { sent, made } = await convert((bytes) => {
    if (bytes.includes(4)) throw new Error('by SIGSEGV');
    return { kind: 'embedded', crops: bytes.map(embedded) };
  });
  assert.deepEqual(made, [1, 2, 3, 'a worker was lost', 5]);
  assert.deepEqual(sent.slice(1), [[1], [2], [3], [4], [5]]);
});

test('a worker that answers for none of its crops, or for more, is not asked for ever', async () => {
  for (const count of [0, 9]) {
    const { made } = await convert(() => ({ kind: 'embedded', crops: new Array(count).fill(embedded(1)) }));
    assert.deepEqual(made, new Array(5).fill(`a worker embedded ${count} crops`));
  }
});

test('a call that comes has the worker answer with what is done', async () => {
  const heard: boolean[] = [];
  const pool: Workers = {
    async run(task, begin, interrupted) {
      begin();
      if (task.kind !== 'embed') return { kind: 'done' };
      if (heard.length === 0) void dispatch(picture, {});
      heard.push(interrupted!.aborted);
      return { kind: 'embedded', crops: [embedded(1)] };
    },
  };
  const dispatch = dispatchTo(pool, { workers: 2, queueMax: 1, deadlineMs: 1_000 });
  const picture = { kind: 'compare', picture: Uint8Array.of(9), others: [], untilFirst: false } as const;
  await convertCropsWith(dispatch, crops.slice(0, 2), model, never);
  assert.deepEqual(heard, [true, false], 'the call has been waited for before the second');
});

test('crops are embedded several in one run of the network, but one by one as long as calls come', async () => {
  const together: number[] = [];
  const pool: Workers = {
    async run(task, begin) {
      begin();
      if (task.kind !== 'embed') return { kind: 'done' };
      together.push(task.together);
      return { kind: 'embedded', crops: task.lengths.map(() => embedded(1)) };
    },
  };
  const dispatch = dispatchTo(pool, { workers: 2, queueMax: 1, deadlineMs: 1_000 });
  await convertCropsWith(dispatch, crops, model, never);
  await dispatch({ kind: 'compare', picture: Uint8Array.of(9), others: [], untilFirst: false }, {});
  await convertCropsWith(dispatch, crops, model, never);
  assert.deepEqual(together, [2, 1]);
});

test('who gives up is told its reason, and no crop is', async () => {
  const tired = new AbortController();
  const pool: Workers = {
    async run(_, begin) {
      begin();
      tired.abort(new Error('tired'));
      throw new Error('by SIGKILL');
    },
  };
  const dispatch = dispatchTo(pool, { workers: 1, queueMax: 1, deadlineMs: 1_000 });
  await assert.rejects(convertCropsWith(dispatch, crops, model, tired.signal), /tired/);
});
