/** When room on the disk is kept and given up: seen on a small file system of its own, where one can be mounted. */
import assert from 'node:assert/strict';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DiskReserve, releaseWhereFull } from '../../src/store/dialects/sqlite/disk-reserve.ts';
import { mountSmall } from './small-disk.ts';

const reserveBytes = 2 ** 20;
const block = 4096;
/** How often the free space is checked while the disk is full, in milliseconds. */
const lookMs = 1_000;

/** A database's name on a small disk, and the room that is left there. */
function prepare(t: TestContext) {
  const folder = mountSmall(t, 8);
  if (folder === undefined) return undefined;
  const database = join(folder, 'familiar.db');
  const [reserve, filler] = [`${database}-reserve`, join(folder, 'filler')];
  const free = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    database,
    reserve,
    free,
    sizeOfReserve: () => statSync(reserve, { throwIfNoEntry: false })?.size,
    /** Fills the disk until so many bytes are left. */
    leave: (bytes: number) => {
      rmSync(filler, { force: true });
      writeFileSync(filler, new Uint8Array(free() - bytes));
      assert.equal(free(), bytes);
    },
  };
}

test('a reserve is made if as much is left beside it, and read by nobody else', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  disk.leave(2 * reserveBytes - block);
  assert.equal(new DiskReserve(disk.database, reserveBytes).isFull, true);
  assert.equal(disk.sizeOfReserve(), undefined);
  disk.leave(2 * reserveBytes);
  assert.equal(new DiskReserve(disk.database, reserveBytes).isFull, false);
  assert.equal(disk.sizeOfReserve(), reserveBytes);
  assert.equal(disk.free(), reserveBytes, 'it takes the room that it says');
  assert.equal(statSync(disk.reserve).mode & 0o777, 0o600);
});

test('a reserve that is there is kept while as much is left beside it, and one of another size is made anew', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  writeFileSync(disk.reserve, new Uint8Array(reserveBytes).fill(7));
  disk.leave(reserveBytes);
  assert.equal(new DiskReserve(disk.database, reserveBytes).isFull, false);
  assert.equal(disk.sizeOfReserve(), reserveBytes);
  disk.leave(reserveBytes - block);
  assert.equal(new DiskReserve(disk.database, reserveBytes).isFull, true);
  disk.leave(2 * reserveBytes);
  assert.equal(new DiskReserve(disk.database, reserveBytes / 2).isFull, false);
  assert.equal(disk.sizeOfReserve(), reserveBytes / 2);
});

test('a disk that was full is looked at again a second later, however often it was found full meanwhile', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  let now = 5_000;
  const reserve = new DiskReserve(disk.database, reserveBytes, () => now);
  assert.equal(reserve.isFull, false);
  reserve.setFull();
  assert.equal(reserve.isFull, true);
  reserve.release();
  assert.equal(disk.sizeOfReserve(), undefined);
  now += lookMs - 1;
  reserve.setFull();
  assert.equal(reserve.isFull, true);
  assert.equal(disk.sizeOfReserve(), undefined);
  now += 1;
  assert.equal(reserve.isFull, false);
  assert.equal(disk.sizeOfReserve(), reserveBytes);
  reserve.setFull();
  reserve.release();
  disk.leave(2 * reserveBytes - block);
  now += lookMs;
  assert.equal(reserve.isFull, true, 'there is too little room to make it');
  disk.leave(2 * reserveBytes);
  now += lookMs - 1;
  assert.equal(reserve.isFull, true, 'the last look was less than a second ago');
  now += 1;
  assert.equal(reserve.isFull, false);
});

test('by its own clock it looks again, too', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  disk.leave(0);
  const reserve = new DiskReserve(disk.database, reserveBytes);
  assert.equal(reserve.isFull, true);
  disk.leave(2 * reserveBytes);
  const begun = performance.now();
  while (reserve.isFull) assert.ok(performance.now() - begun < 20 * lookMs);
  assert.ok(performance.now() - begun > lookMs / 2);
});

test('without a reserve nothing is made, and the disk is never said to be full', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  disk.leave(0);
  const reserve = new DiskReserve(disk.database, 0);
  reserve.setFull();
  assert.equal(reserve.isFull, false);
  reserve.release();
  assert.equal(disk.sizeOfReserve(), undefined);
});

test('where no reserve can be made at all, the disk is taken for full', () => {
  assert.equal(new DiskReserve('/nowhere/at/all/familiar.db', reserveBytes).isFull, true);
});

test('opening gives a reserve up only if less is left than it takes', (t) => {
  const disk = prepare(t);
  if (disk === undefined) return;
  disk.leave(0);
  assert.equal(releaseWhereFull(disk.database), false, 'there is none');
  disk.leave(reserveBytes + block);
  writeFileSync(disk.reserve, new Uint8Array(block));
  assert.equal(releaseWhereFull(disk.database), false);
  disk.leave(block);
  assert.equal(releaseWhereFull(disk.database), false, 'as much is left');
  assert.equal(disk.sizeOfReserve(), block);
  disk.leave(0);
  assert.equal(releaseWhereFull(disk.database), true);
  assert.equal(disk.sizeOfReserve(), undefined);
});
