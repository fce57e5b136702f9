/** A made-up project for tests of the mutation tool: a few functions, and tests that notice some of their mutants. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const compilerOptions = {
  ...{ target: 'esnext', module: 'nodenext', strict: true, noEmit: true },
  ...{ allowImportingTsExtensions: true, types: [] },
};

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
  'src/numbers.ts': `
export function isLarge(n: number): boolean {
  return n > 10;
}
export function countDown(n: number): number {
  let left = n;
  while (left > 0) left -= 1;
  return left;
}
export function unused(): string {
  return 'text';
}
export function refuse(): never {
  throw new Error('No.');
}
`,
  'src/thread.ts': `
import { parentPort, workerData } from 'node:worker_threads';
parentPort?.postMessage(workerData + 1);
`,
  'src/program.ts': 'console.log(3 + 1);\n',
  'test/numbers.test.ts': `
import assert from 'node:assert/strict';
import test from 'node:test';
import { countDown, isLarge, refuse } from '../src/numbers.ts';
import { limit } from './limit.ts';
test('numbers above the limit are large', () => {
  assert.equal(isLarge(limit + 1), true);
  assert.equal(isLarge(limit - 1), false);
});
test('counting down ends', () => assert.equal(countDown(3), 0));
test('it refuses', () => assert.throws(refuse));
`,
  'test/limit.ts': 'export const limit = 10;\n',
  'test/elsewhere.test.ts': `
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
test('a thread adds one', async () => {
  const worker = new Worker(new URL('../src/thread.ts', import.meta.url), { workerData: 1 });
  assert.deepEqual(await once(worker, 'message'), [2]);
});
test('a program without an environment prints a number', () => {
  assert.equal(execFileSync(process.execPath, ['src/program.ts'], { env: {}, encoding: 'utf8' }), '4\\n');
});
`,
};

/** The project in a folder of its own. */
export interface MadeUpProject extends Disposable {
  readonly root: string;
  write(file: string, text: string): void;
  remove(file: string): void;
}

/** Makes the project. */
export function makeProject(): MadeUpProject {
  const root = mkdtempSync(join(tmpdir(), 'familiar-made-up-'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  const remove = (file: string): void => rmSync(join(root, file));
  return { root, write, remove, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
