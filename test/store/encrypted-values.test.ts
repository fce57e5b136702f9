/** Values on their way through encryption, alone and in batches, here and in a thread. */
import assert from 'node:assert/strict';
import { createSecretKey, generateKeySync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { decryptBatch, type EncryptedBatch } from '../../src/store/encryption/batch.ts';
import { DamagedValueError, decrypt, encrypt, nonceLength, overhead } from '../../src/store/encryption/cipher.ts';
import { DataKeys } from '../../src/store/encryption/data-keys.ts';
import { Decrypter } from '../../src/store/encryption/decrypter.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';

const timeout = 20_000;
const key = createSecretKey(Buffer.alloc(32, 1));
const model = 'a model';

/** The embeddings of faces, encrypted, each as many bytes as its number says. */
function batchOf(lengths: readonly number[]): EncryptedBatch {
  const values = lengths.map((length, i) =>
    encrypt(key, new Uint8Array(length).fill(i), ['embeddings', `${i}`, model]),
  );
  return {
    key,
    model,
    faceIds: JSON.stringify(lengths.map((_, i) => `${i}`)),
    lengths: JSON.stringify(values.map(({ length }) => length)),
    values: new Uint8Array(Buffer.concat(values)),
  };
}

test('a value is what it was, of whatever length, with as much around it as is said', () => {
  for (const length of [0, 1, 15, 16, 17, 512]) {
    const plain = Uint8Array.from({ length }, (_, i) => i);
    const value = encrypt(key, plain, ['crops', '1']);
    assert.equal(value.length, length + overhead);
    assert.deepEqual(decrypt(key, value, ['crops', '1']), plain);
    assert.equal(value.buffer.byteLength, value.length, 'memory of its own');
    assert.throws(() => decrypt(key, value.subarray(0, -1), ['crops', '1']), DamagedValueError);
  }
  for (const length of [0, 1, overhead - 1]) {
    assert.throws(() => decrypt(key, new Uint8Array(length), ['crops', '1']), /table crops, row 1, is damaged/);
  }
});

test('values of one key have nonces of their own', () => {
  const nonces = Array.from({ length: 1_000 }, () =>
    Buffer.from(encrypt(key, new Uint8Array(1), ['crops', '1']).subarray(0, nonceLength)).toString('hex'),
  );
  assert.equal(new Set(nonces).size, nonces.length);
});

test('a value opens in its own table, row and column of rows only, and with its own key', () => {
  const value = encrypt(key, Uint8Array.of(1, 2, 3), ['embeddings', '1', model]);
  for (const place of [
    ['crops', '1', model],
    ['embeddings', '2', model],
    ['embeddings', '1', 'another'],
    ['embeddings', '1'],
    ['embeddings', `1${model}`],
  ] as const) {
    assert.throws(() => decrypt(key, value, place), DamagedValueError);
  }
  const other = createSecretKey(Buffer.alloc(32, 2));
  assert.throws(() => decrypt(other, value, ['embeddings', '1', model]), DamagedValueError);
});

test('a batch is decrypted whole, and lists that do not belong to its bytes are refused', () => {
  const lengths = [4, 0, 8, 4, 12, 4, 4, 4, 4, 4, 4, 4];
  const plain = decryptBatch(batchOf(lengths));
  assert.deepEqual(
    [...plain],
    lengths.flatMap((length, i) => Array(length).fill(i)),
  );
  assert.deepEqual(decryptBatch(batchOf([])), new Uint8Array());
  const batch = batchOf([4, 4]);
  const wrong = { ...batch, lengths: JSON.stringify([4 + overhead, 8 + overhead]) };
  assert.throws(() => decryptBatch(wrong), /embeddings of 68 bytes were read as 64/);
  const values = batch.values.slice();
  values[values.length - 1]! ^= 1;
  assert.throws(
    () => decryptBatch({ ...batch, values }),
    (error) => error instanceof DamagedValueError && error.place.join() === `embeddings,1,${model}`,
  );
});

test('a thread decrypts batches in their order, takes their memory along, and tells what is damaged', {
  timeout,
}, async () => {
  await using decrypter = new Decrypter();
  const [first, damaged, last] = [batchOf([4]), batchOf([4, 4]), batchOf([1, 2])];
  damaged.values[damaged.values.length - 1]! ^= 1;
  const strange = { ...batchOf([4]), lengths: '[3]' };
  const outcomes = await Promise.allSettled([first, damaged, strange, last].map((batch) => decrypter.decrypt(batch)));
  assert.equal(first.values.byteLength, 0, 'its memory has gone to the thread');
  assert.deepEqual(outcomes[0], { status: 'fulfilled', value: new Uint8Array(4) });
  assert.deepEqual(outcomes[3], { status: 'fulfilled', value: Uint8Array.of(0, 1, 1) });
  const reasons = outcomes.slice(1, 3).map((outcome) => (outcome as PromiseRejectedResult).reason);
  assert.ok(reasons[0] instanceof DamagedValueError);
  assert.deepEqual(reasons[0].place, ['embeddings', '1', model]);
  assert.match(reasons[1].message, /embeddings of 3 bytes were read as 32/);
});

for (const way of ['ends', 'fails'] as const) {
  test(`when a thread that decrypts ${way}, what waits for it and what comes after is refused`, {
    timeout,
  }, async () => {
    const started = once(process, 'worker') as Promise<[Worker]>;
    await using decrypter = new Decrypter();
    const [worker] = await started;
    const waiting = Promise.allSettled([decrypter.decrypt(batchOf([4])), decrypter.decrypt(batchOf([4]))]);
    const message = way === 'ends' ? /the thread that decrypts has ended/ : /out of memory/;
    if (way === 'fails') worker.emit('error', new Error('out of memory'));
    else await worker.terminate();
    const outcomes = await waiting;
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    for (const outcome of outcomes) assert.match((outcome as PromiseRejectedResult).reason.message, message);
    await assert.rejects(decrypter.decrypt(batchOf([4])), message);
  });
}

test('a data key is opened once, until some thousands of others were; and anew if it is another one', () => {
  const master = new MasterKey(Buffer.alloc(32, 7), 'the test');
  const keys = new DataKeys(master);
  const wrap = (appid: string): [appid: string, wrapped: Uint8Array, key: KeyObject] => {
    const dataKey = generateKeySync('aes', { length: 256 });
    return [appid, master.wrap(appid, dataKey), dataKey];
  };
  const [appid, wrapped, dataKey] = wrap('1001');
  const opened = keys.open(appid, wrapped);
  assert.ok(opened.equals(dataKey));
  assert.equal(keys.open(appid, wrapped.slice()), opened);
  const [, renewed, other] = wrap('1001');
  assert.ok(keys.open(appid, renewed).equals(other));
  const again = keys.open(appid, wrapped);
  assert.ok(again.equals(dataKey));
  for (let i = 1; i < 10_000; i++) keys.open(`other-${i}`, master.wrap(`other-${i}`, dataKey));
  assert.equal(keys.open(appid, wrapped), again, 'ten thousand are kept');
  keys.open('one more', master.wrap('one more', dataKey));
  assert.notEqual(keys.open(appid, wrapped), again);
  assert.throws(() => keys.open(appid, null), /appid 1001 has no data key any more/);
  assert.throws(() => keys.open('1002', wrapped), DamagedValueError);
});
