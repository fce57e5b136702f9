/** What nobody waits for leaves room for calls. */
import assert from 'node:assert/strict';
import test, { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createBackground } from '../../src/vision/pool/background.ts';

const settled = (): Promise<void> => setImmediate();

test('with no call, pictures in the background use every worker at once', async () => {
  const background = createBackground(2);
  const turns = await Promise.all([background.turn(), background.turn(), background.turn()]);
  assert.equal(turns.length, 3);
});

test('a picture in the background waits while a call is under way, and then leaves one worker to the next call', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const background = createBackground(3);
  const [first, second] = [background.called(), background.called()];
  const begun: number[] = [];
  const ended = [1, 2, 3].map(async (number) => {
    const turn = await background.turn();
    begun.push(number);
    return turn;
  });
  await settled();
  first[Symbol.dispose]();
  await settled();
  mock.timers.tick(20);
  await settled();
  assert.deepEqual(begun, [], 'one call is still under way');
  second[Symbol.dispose]();
  mock.timers.tick(19);
  await settled();
  assert.deepEqual(begun, [], 'the call has its answer still to write');
  mock.timers.tick(1);
  await settled();
  assert.deepEqual(begun, [1, 2], 'the third worker is for a call that may come');
  (await ended[0]!)[Symbol.dispose]();
  await settled();
  assert.deepEqual(begun, [1, 2, 3]);
});

test('where calls never end, pictures in the background go on, slowly', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const background = createBackground(2);
  using _call = background.called();
  let hasBegun = false;
  const turn = background.turn().then((turn) => {
    hasBegun = true;
    return turn;
  });
  await settled();
  mock.timers.tick(99);
  await settled();
  assert.equal(hasBegun, false);
  mock.timers.tick(1);
  await turn;
});

test('a call interrupts the pictures in the background that are under way, and no later ones', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const background = createBackground(3);
  const turns = await Promise.all([background.turn(), background.turn(), background.turn()]);
  turns[2]![Symbol.dispose]();
  const call = background.called();
  assert.deepEqual(
    turns.map(({ interrupted }) => interrupted.aborted),
    [true, true, false],
    'the last one was over',
  );
  call[Symbol.dispose]();
  const later = background.turn();
  await settled();
  mock.timers.tick(20);
  assert.equal((await later).interrupted.aborted, false);
});

test('what would delay a call waits while one is under way, a moment at most', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const background = createBackground(2);
  await background.calm();
  for (const isAnswered of [true, false]) {
    const call = background.called();
    let isCalm = false;
    const waiting = background.calm().then(() => {
      isCalm = true;
    });
    if (isAnswered) call[Symbol.dispose]();
    await settled();
    mock.timers.tick(isAnswered ? 19 : 99);
    await settled();
    assert.equal(isCalm, false);
    mock.timers.tick(1);
    await waiting;
  }
});

test('who gives up while others have their turns goes at once', async () => {
  const background = createBackground(2);
  background.called()[Symbol.dispose]();
  await background.turn();
  const tired = new AbortController();
  const waiting = assert.rejects(background.turn(tired.signal), /tired/);
  tired.abort(new Error('tired'));
  await waiting;
});

test('all is quiet a second after the last call, and not before', (t) => {
  let now = 5_000;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const background = createBackground(2);
  assert.equal(background.isQuiet(), true, 'no call has come');
  const call = background.called();
  now += 60_000;
  assert.equal(background.isQuiet(), false, 'a call is under way');
  call[Symbol.dispose]();
  t.mock.timers.tick(20);
  now += 999;
  assert.equal(background.isQuiet(), false, 'the next may come');
  now += 1;
  assert.equal(background.isQuiet(), true);
});
