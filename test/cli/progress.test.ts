/** What is shown of work that takes its time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { showProgress } from '../../src/cli/progress.ts';

/** A place for lines, which is no terminal. */
function paper() {
  const written: string[] = [];
  const errors = { write: (text: string) => void written.push(text) };
  return { terminal: { errors }, text: () => written.join('') };
}

test('where there is no terminal, work that takes its time is told of in lines, and nothing after its end', async () => {
  const { terminal, text } = paper();
  const often = showProgress(terminal, 'importing the networks', 0);
  const seldom = showProgress(terminal, 'filing the registered faces', 60_000);
  for (const { update } of [often, seldom]) update(1, 9);
  assert.equal(text(), '', 'what is done soon is not worth telling of');
  await wait(350);
  often.update(2, 9, 'gender');
  often.update(3, 9, 'age');
  seldom.update(2_000, 9_000);
  seldom.update(3_000, 9_000);
  often.stop();
  often.update(4, 9, 'mesh');
  assert.equal(
    text(),
    'importing the networks: 2 of 9 (gender)\nimporting the networks: 3 of 9 (age)\nfiling the registered faces: 2000 of 9000\n',
  );
});

test('the time left is what the rest takes if each part takes as long as those before', async () => {
  const { terminal, text } = paper();
  const { update, stop } = showProgress(terminal, 'importing', 0, true);
  await wait(400);
  update(1, 100);
  update(0, 100);
  update(1, 100_000);
  stop();
  const lines = text().split('\n');
  assert.match(lines[0]!, /^importing: 1 of 100, (4|5|6)\d s left$/);
  assert.equal(lines[1], 'importing: 0 of 100');
  assert.match(lines[2]!, /^importing: 1 of 100000, 1\d h \d+ min left$/);
});
