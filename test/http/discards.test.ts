import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createBudget } from '../../src/concurrency/budget.ts';
import { Discards } from '../../src/http/discards.ts';
import { freePiece } from '../../src/http/memory.ts';
import { readBody } from '../../src/http/read-body.ts';

const megabyte = 1024 * 1024;

test('a piece of a body is freed at once, unless others may use its memory', () => {
  const own = new Uint8Array(65_536);
  freePiece(own);
  assert.equal(own.length, 0);
  const whole = new Uint8Array(65_536);
  for (const shared of [whole.subarray(0, 40_000), Buffer.from('short'), new Uint8Array(16_383)]) {
    const { length } = shared;
    freePiece(shared);
    assert.equal(shared.length, length);
  }
});

test('the pieces of a body are free when it is there, and when nobody reads it', async () => {
  const pieces = (): Uint8Array<ArrayBuffer>[] => [1, 2, 3].map((value) => new Uint8Array(20_000).fill(value));
  const [read, dropped] = [pieces(), pieces()];
  const lease = createBudget(100_000).lease('1');
  const body = await readBody(Readable.from(read), 60_000, lease, { bytesMax: 100_000, rateMin: 0 });
  assert.deepEqual(body, Buffer.concat(pieces()));
  const payload = Readable.from(dropped);
  const ended = once(payload, 'end');
  new Discards().add(payload);
  await ended;
  assert.deepEqual(
    [...read, ...dropped].map(({ length }) => length),
    [0, 0, 0, 0, 0, 0],
  );
});

/** A body of so many bytes that counts what was read of it. */
class CountedBody extends Readable {
  /** Bytes that were read. */
  taken = 0;
  #left: number;

  constructor(bytes: number) {
    super({ highWaterMark: 65_536 });
    this.#left = bytes;
  }

  override _read(): void {
    const piece = Math.min(65_536, this.#left);
    this.#left -= piece;
    this.taken += piece;
    this.push(piece === 0 ? null : Buffer.alloc(piece));
  }
}

const takenOf = (bodies: readonly CountedBody[]): number => bodies.reduce((sum, { taken }) => sum + taken, 0);

async function settle(): Promise<void> {
  for (let i = 0; i < 2_000; i += 1) await setImmediate();
}

test('what nobody reads is passed over a little at a time, all bodies alike, to its end', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let now = 0;
    const discards = new Discards(() => now);
    const bodies = Array.from({ length: 20 }, () => new CountedBody(2 * megabyte));
    const ended = bodies.map((body) => new Promise((resolve) => body.once('end', resolve)));
    for (const body of bodies) discards.add(body);
    await settle();
    const atOnce = takenOf(bodies);
    assert.ok(atOnce >= 8 * megabyte && atOnce < 12 * megabyte, `${atOnce} bytes at once`);
    const pass = async (tenMilliseconds: number): Promise<void> => {
      for (let i = 0; i < tenMilliseconds; i += 1) {
        now += 10;
        mock.timers.tick(10);
        await settle();
      }
    };
    await pass(10);
    const later = takenOf(bodies) - atOnce;
    assert.ok(later > 7 * megabyte && later < 13 * megabyte, `${later} bytes in a tenth of a second`);
    for (const { taken } of bodies) assert.ok(taken > 0.25 * megabyte, 'no body waits for all of another');
    await pass(100);
    await Promise.all(ended);
    assert.equal(takenOf(bodies), 40 * megabyte);
  } finally {
    mock.timers.reset();
  }
});

test('a body that somebody reads is left alone, and one that ends meanwhile is forgotten', async () => {
  const discards = new Discards(() => 0);
  const read = new CountedBody(megabyte);
  let pieces = 0;
  read.on('data', () => {
    pieces += 1;
  });
  discards.add(read);
  read.pause();
  await settle();
  assert.equal(read.listenerCount('data'), 1);
  read.destroy();
  const gone = new CountedBody(megabyte);
  gone.destroy();
  discards.add(gone);
  assert.equal(gone.listenerCount('data'), 0);
  assert.ok(pieces <= 1);
});
