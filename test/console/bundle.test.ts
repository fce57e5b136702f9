/** What is built of the console: its size, where it leads to, and its texts. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { texts } from '../../console/src/text/texts.ts';
import { readConsole } from '../../src/app/console.ts';
import { limitNames } from '../../src/app/operator/tenant-limits.ts';
import { root } from '../harness.ts';
import { buildConsole, builtFolder } from './build.ts';

before(buildConsole);

test('all that a browser loads is smaller than 400 kB, compressed', () => {
  const loaded = ['index.html.gz', ...globSync('assets/*.{js,css}.gz', { cwd: builtFolder })];
  assert.equal(loaded.length, 3);
  const bytes = loaded.reduce((sum, name) => sum + statSync(join(builtFolder, name)).size, 0);
  assert.ok(bytes > 10_000 && bytes < 400_000, `${bytes} bytes`);
});

test('the page names no other host, and holds no inline code', () => {
  const page = readFileSync(join(builtFolder, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /\/\/[a-z]|<style|style=|<script(?![^>]* src="assets\/)/);
  const styles = globSync('assets/*.css', { cwd: builtFolder }).map((name) =>
    readFileSync(join(builtFolder, name), 'utf8'),
  );
  assert.doesNotMatch(styles.join(), /url\((?!["']?data:)|@import/);
});

test('the server reads the page and its files by their paths, and has none where nothing was built', async (t) => {
  const files = readConsole();
  assert.deepEqual([...files.keys()].map((path) => path.replace(/-\w+\./, '-*.')).sort(), [
    '/',
    '/assets/main-*.css',
    '/assets/main-*.js',
  ]);
  assert.deepEqual(
    [...files].map(([path, { isImmutable }]) => [path === '/', isImmutable]),
    [...files.keys()].map((path) => [path === '/', path !== '/']),
  );
  const empty = await mkdtemp(join(tmpdir(), 'familiar-console-'));
  t.after(() => rm(empty, { recursive: true }));
  assert.equal(readConsole(empty).size, 0);
});

test('every text is used, and says the same values in both languages', () => {
  const sources = globSync('console/src/**/*.{ts,tsx}', { cwd: root })
    .filter((name) => !name.startsWith('console/src/text/') || name.endsWith('language.tsx'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
  const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort();
  for (const [name, [english, chinese]] of Object.entries(texts)) {
    // Some are named by a part that is computed: `error.${code}`.
    const group = `${name.split('.')[0]}.$`;
    assert.ok(sources.includes(`'${name}'`) || sources.includes(`"${name}"`) || sources.includes(`\`${group}`), name);
    assert.deepEqual(placeholders(chinese), placeholders(english), name);
    assert.ok(/[\p{Script=Han}]/u.test(chinese), name);
  }
});

test('every limit of an appid has a text', () => {
  const said = Object.keys(texts).filter((name) => name.startsWith('limit.'));
  assert.deepEqual(said.toSorted(), limitNames.map((name) => `limit.${name}`).toSorted());
});
