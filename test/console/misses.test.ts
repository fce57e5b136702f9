/** The misses that the threshold helper tells are those that were measured. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { measuredMisses, missesAt } from '../../console/src/measured-misses.ts';
import { root } from '../harness.ts';

const page = readFileSync(join(root, 'docs/eval.md'), 'utf8');

/** The cells of the first row that begins so, as numbers where they are ones. */
function cells(name: string): readonly number[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} |`));
  assert.ok(row !== undefined, `docs/eval.md has no row ${name}`);
  return row.split('|').map((cell) => Number.parseFloat(cell.replaceAll(',', '')));
}

test('misses are those of the page on accuracy', () => {
  const accepted = new Map([
    [60, cells('true accept rate at a false accept rate of 1 %')[2]!],
    [70, cells('true accept rate at a false accept rate of 0.1 %')[2]!],
    [75, cells('true accept rate at 75, the threshold of verify')[2]!],
    [80, cells('true accept rate at a false accept rate of 0.01 %')[2]!],
  ]);
  // All pairs of one person are of two women or of two men.
  const sexes = ['two women', 'two men'].map(cells);
  const pairs = sexes.reduce((sum, row) => sum + row[2]!, 0);
  accepted.set(90, sexes.reduce((sum, row) => sum + row[2]! * row[5]!, 0) / pairs);
  for (const [score, share] of measuredMisses) {
    assert.ok(Math.abs(100 * share - (100 - accepted.get(score)!)) < 0.006, `${score}: ${accepted.get(score)}`);
  }
});

test('between measured scores misses lie on a line, and beyond them none are told', () => {
  assert.equal(missesAt(75), 0.032);
  assert.ok(Math.abs(missesAt(65)! - (0.0053 + 0.0207) / 2) < 1e-9);
  assert.deepEqual([missesAt(59), missesAt(91)], [undefined, undefined]);
  assert.equal(missesAt(60), 0.0053);
});
