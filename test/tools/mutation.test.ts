import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findHarmless, harmless } from '../../tools/mutation/harmless.ts';
import { measuredLayers } from '../../tools/mutation/layers.ts';
import { measure, type Order } from '../../tools/mutation/measure.ts';
import { describe, findMutants } from '../../tools/mutation/mutants.ts';
import { percentInterval, type Result } from '../../tools/mutation/score.ts';
import { root } from '../harness.ts';
import { type MadeUpProject, makeProject } from './project.ts';

const timeout = 300_000;
const layers = [{ name: 'all', sources: ['src/**/*.ts'], tests: ['test/**/*.test.ts'], goal: 50 }];

let project: MadeUpProject;
let said: string[] = [];
let first: Result;

async function run(order: Partial<Order> = {}): Promise<Result> {
  said = [];
  const [result] = await measure({
    ...{ root: project.root, layers, harmless: [], jobs: 2, graceMs: 1_000 },
    memory: join(project.root, '.kept', 'results.jsonl'),
    say: (line) => said.push(line),
    tell: () => {},
    ...order,
  });
  return result as Result;
}

/** What became of each mutant, as `line column: original → replacement`. */
function fatesOf({ tried }: Result): Record<string, string> {
  const rows = tried.map(({ mutant, fate }) => [describe(mutant).replace(/\w+: /, ''), fate] as const);
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

before(
  async () => {
    project = makeProject();
    first = await run();
  },
  { timeout },
);
after(() => project[Symbol.dispose]());

test('a mutant is killed, survives, hangs or is reached by no test, in threads and programs too', () => {
  assert.deepEqual(fatesOf(first), {
    'src/numbers.ts:3:10 n > 10 → false': 'killed',
    'src/numbers.ts:3:10 n > 10 → n <= 10': 'killed',
    'src/numbers.ts:3:10 n > 10 → n >= 10': 'survived',
    'src/numbers.ts:3:10 n > 10 → true': 'killed',
    'src/numbers.ts:7:10 left > 0 → false': 'killed',
    'src/numbers.ts:7:10 left > 0 → left <= 0': 'killed',
    'src/numbers.ts:7:10 left > 0 → left >= 0': 'killed',
    'src/numbers.ts:7:20 left -= 1 → left += 1': 'late',
    'src/numbers.ts:11:10 \'text\' → ""': 'unreached',
    'src/program.ts:1:13 3 + 1 → 3 - 1': 'killed',
    'src/thread.ts:3:1 parentPort?.postMessage → parentPort.postMessage': 'survived',
    'src/thread.ts:3:25 workerData + 1 → workerData - 1': 'killed',
  });
});

test('what the compiler refuses and what a rule leaves out count neither way', () => {
  // Refused: bodies without their `return`, and twice a function that comes to its end though it promises not to.
  assert.deepEqual(first.leftOut, { byRule: 1, byCompiler: 5, harmless: 0 });
});

test('a second run tries nothing again, and a changed test is tried on what it reaches', { timeout }, async () => {
  const again = await run();
  assert.deepEqual(fatesOf(again), fatesOf(first));
  assert.deepEqual(said, ['all: 12 of 12 mutants are to be tried']);
  project.write('test/limit.ts', 'export const limit: number = 10;\n');
  await run({ paths: ['src/program.ts'] });
  assert.match(said[1] as string, /^all: 1 test files /);
});

test('a mutant judged harmless counts neither way', { timeout }, async () => {
  const why = 'It is made up.';
  const entry = { file: 'src/numbers.ts', right: 'return n > 10;', wrong: 'return n >= 10;', why };
  const { tried, leftOut } = await run({ harmless: [entry], paths: ['src/numbers.ts'] });
  assert.equal(leftOut.harmless, 1);
  assert.ok(!tried.some(({ mutant }) => mutant.replacement === 'n >= 10'));
});

test('a sample is as large as asked for, the same each time, and another with another seed', { timeout }, async () => {
  const draw = async (seed: number) => Object.keys(fatesOf(await run({ sample: 4, seed })));
  const [one, same, other] = [await draw(1), await draw(1), await draw(2)];
  assert.equal(one.length, 4);
  assert.deepEqual(same, one);
  assert.notDeepEqual(other, one);
});

test('a test that fails without a mutant ends the run, and says which', { timeout }, async () => {
  project.write('test/wrong.test.ts', `import test from 'node:test'; test('no', () => { throw new Error('never'); });`);
  await assert.rejects(run(), /^Error: test\/wrong\.test\.ts failed without a mutant:\nno\n/);
  project.remove('test/wrong.test.ts');
});

test('the interval of a sampled share is that of Wilson', () => {
  const rounded = (hits: number, draws: number) =>
    percentInterval(hits, draws).map((percent) => Number(percent.toFixed(1)));
  assert.deepEqual(rounded(0, 10), [0, 27.8]);
  assert.deepEqual(rounded(8, 10), [49, 94.3]);
  assert.deepEqual(rounded(95, 100), [88.8, 97.8]);
  assert.deepEqual(rounded(0, 0), [0, 100]);
});

test('each mutant that is judged harmless can still be made', async () => {
  for (const file of new Set(harmless.map((entry) => entry.file))) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [{ right, wrong }, mutants] of findHarmless(await findMutants(file, text), harmless)) {
      assert.equal(text.split(right).length, 2, `${file} has this once:\n${right}`);
      assert.equal(mutants.length, 1, `${file} has a mutant that makes of this:\n${right}\nthis:\n${wrong}`);
    }
  }
});

test('every pattern of the table of layers finds files', () => {
  for (const { name, sources, except = [], tests } of measuredLayers)
    for (const pattern of [...sources, ...except, ...tests])
      assert.ok(globSync(pattern, { cwd: root }).length > 0, `${name}: ${pattern}`);
});
