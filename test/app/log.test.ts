/** What the log says of a database that fails, and how often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLog } from '../../src/app/log.ts';
import { watchStorage } from '../../src/app/storage-watch.ts';
import { Refusal } from '../../src/errors/refusals.ts';

/** A log in memory with a clock that the test sets. */
function memoryLog() {
  const lines: { readonly msg: string; readonly err?: { readonly message: string }; readonly repeats?: number }[] = [];
  const clock = { now: 0 };
  const log = openLog({ write: (line) => void lines.push(JSON.parse(line)) }, 'info', () => clock.now);
  return { lines, clock, log };
}

const full = Object.assign(new Error('the disk is full'), { errcode: 13 });

test('a fault of the database is told once a minute, however many calls meet it; other faults each time', () => {
  const { lines, clock, log } = memoryLog();
  const child = log.child({ id: '1' });
  for (clock.now = 0; clock.now < 120_000; clock.now += 10_000) {
    log.error({ err: full }, 'storageFailed');
    child.error({ err: full }, 'the call could not be counted');
    child.info({ code: -1200 });
  }
  assert.equal(lines.filter(({ err }) => err !== undefined).length, 2);
  assert.equal(lines.length, 2 + 12);
  log.error({ err: Object.assign(new Error('locked'), { errcode: 5 }) }, 'storageFailed');
  assert.equal(lines.at(-1)?.err?.message, 'locked');
  for (let i = 0; i < 3; i++) log.error({ err: new Error('a mistake') }, 'internal');
  assert.equal(lines.filter(({ err }) => err?.message === 'a mistake').length, 3);
});

test('a full index is told once a minute, with the number of enrolments that it refused since', () => {
  const { lines, clock, log } = memoryLog();
  const refuse = (times: number): void => {
    for (let i = 0; i < times; i++) {
      const refusal = new Refusal('storageFailed', 'the index is full');
      log.child({ id: `${i}` }).error({ err: refusal }, refusal.message);
    }
  };
  refuse(500);
  clock.now = 59_999;
  refuse(20);
  clock.now = 60_000;
  refuse(1);
  clock.now = 120_000;
  refuse(2);
  clock.now = 120_000 + 60 * 60_000;
  refuse(1);
  assert.deepEqual(
    lines.map(({ msg, repeats }) => [msg, repeats]),
    [undefined, 519, undefined, 1].map((repeats) => ['storageFailed: the index is full', repeats]),
  );
});

test('other refusals of ours are told each time', () => {
  const { lines, log } = memoryLog();
  for (let i = 0; i < 3; i++) log.error({ err: new Refusal('featureFailed', 'no embedding') }, 'featureFailed');
  assert.equal(lines.length, 3);
});

test('a register that cannot be written is told although nobody calls, and so is that it can again', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { lines, log } = memoryLog();
  let fault: Error | undefined;
  const check = async (): Promise<void> => {
    if (fault !== undefined) throw fault;
  };
  using _ = watchStorage(check, log);
  const look = async (): Promise<void> => {
    t.mock.timers.tick(10_000);
    await new Promise(setImmediate);
  };
  await look();
  assert.deepEqual(lines, []);
  fault = full;
  await look();
  await look();
  fault = undefined;
  await look();
  await look();
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['the register cannot be written', 'the register can be written again'],
  );
});
