/** The contract is cited by section; whoever renumbers it must renumber the citations. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../harness.ts';

const folders = ['src', 'test', 'tools', 'bench', 'demo', 'docs'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|md)$/.test(file))
    .map((file) => join(folder, file)),
);
const headings = [...readFileSync(join(root, 'docs/contract.md'), 'utf8').matchAll(/^#+ (\d+(?:\.\d+)?)/gm)];
const sections = new Set(headings.map(([, number]) => number));

test('every section of the contract that is cited is there', () => {
  const missing: string[] = [];
  let cited = 0;
  for (const file of files) {
    for (const [citation, number] of readFileSync(join(root, file), 'utf8').matchAll(
      /contract\.md §(\d+(?:\.\d+)?)/g,
    )) {
      cited += 1;
      if (!sections.has(number)) missing.push(`${file}: ${citation}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(cited > 20, 'the citations were found');
});

test('no file cites the contract without saying where it stands', () => {
  const loose = files.filter((file) => /(?<!contract\.md )§[1-5](?!\d)/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(loose, []);
});
