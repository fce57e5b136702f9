import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faults } from './all.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('each fault of the table can still be made, and its test is still there', () => {
  for (const { breaks, file, right, wrong, testFile, testName } of faults) {
    assert.equal(read(`src/${file}`).split(right).length, 2, `${breaks}: ${file} has this once:\n${right}`);
    assert.notEqual(right, wrong, breaks);
    const quoted = [`'${testName}'`, `"${testName}"`, `\`${testName}\``];
    const text = read(`test/${testFile}`);
    assert.ok(
      quoted.some((name) => text.includes(name)),
      `${breaks}: ${testFile} has a test called ${testName}`,
    );
  }
});
