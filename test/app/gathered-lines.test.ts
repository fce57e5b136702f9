import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mock, test } from 'node:test';
import { gatherLines } from '../../src/app/gathered-lines.ts';

/** An output of gathered lines, and what was written to it. */
function opened() {
  const written: string[] = [];
  let end = (): void => assert.fail('nothing is to be done at the end');
  const lines = gatherLines({ write: (text) => written.push(text) }, (task) => {
    end = task;
  });
  return { lines, written, end: () => end() };
}

test('a line after a pause is written at once, and those soon after it together', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const { lines, written } = opened();
  for (const line of ['1\n', '2\n', '3\n']) lines.write(line);
  assert.deepEqual(written, ['1\n']);
  mock.timers.tick(10);
  assert.deepEqual(written, ['1\n', '2\n3\n']);
  lines.write('4\n');
  assert.equal(written.length, 2);
  mock.timers.tick(10);
  mock.timers.tick(10);
  lines.write('5\n');
  assert.deepEqual(written.slice(2), ['4\n', '5\n']);
});

test('many lines do not wait, so that they never fill the memory', () => {
  const { lines, written } = opened();
  for (let i = 0; i < 100; i += 1) lines.write(`${'x'.repeat(999)}\n`);
  assert.equal(written.length, 4);
});

test('no line is lost at the end', () => {
  const { lines, written, end } = opened();
  for (const line of ['1\n', '2\n']) lines.write(line);
  end();
  assert.equal(written.join(''), '1\n2\n');
});

test('a process that ends by a mistake has written its lines', { timeout: 30_000 }, () => {
  const module = new URL('../../src/app/gathered-lines.ts', import.meta.url);
  const program = `import { gatherLines } from ${JSON.stringify(module.href)};
    const lines = gatherLines(process.stderr);
    for (const line of ['1', '2', '3']) lines.write(line + '\\n');
    throw new Error('a mistake');`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  for (const line of ['1\n', '2\n3\n', 'a mistake']) assert.ok(stderr.includes(line), stderr);
});
