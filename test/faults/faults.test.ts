import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { faults } from './all.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** A test file, and the suites that it runs, with theirs. */
function readWithSuites(testFile: string): string {
  const text = read(`test/${testFile}`);
  const suites = [...text.matchAll(/from '(\.{1,2}\/.+\.suite\.ts)'/g)];
  return [text, ...suites.map(([, suite]) => readWithSuites(join(dirname(testFile), suite!)))].join('\n');
}

test('each fault of the table can still be made, and its test is still there', () => {
  const problems: string[] = [];
  for (const { breaks, file, right, wrong, testFile, testName } of faults) {
    const times = read(`src/${file}`).split(right).length - 1;
    if (times !== 1) problems.push(`${breaks}: ${file} has this ${times} times:\n${right}`);
    if (right === wrong) problems.push(`${breaks}: nothing is changed`);
    // A suite's test is declared without the database in front of its name.
    const names = [testName, testName.replace(/^\w+: /, '')];
    const quoted = names.flatMap((name) => [`'${name}'`, `"${name}"`, `\`${name}\``]);
    const text = readWithSuites(testFile);
    if (!quoted.some((name) => text.includes(name)))
      problems.push(`${breaks}: ${testFile} has no test called ${testName}`);
  }
  assert.deepEqual(problems, []);
});
