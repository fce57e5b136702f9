/** The page about usage shows what its commands print, in both languages. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { CountedCall } from '../../src/domain/stores.ts';
import { publishedPrices, readPriceTable } from '../../src/ops/statements/prices.ts';
import { runHere } from '../cli/terminal.ts';
import { readBlocks } from './blocks.ts';

const blocks = readBlocks().filter(({ page }) => page.endsWith('/usage.md'));
const pages = ['docs/usage.md', 'docs/zh/usage.md'];

let folder: string;
let data: string;
before(async () => {
  // The master key is made beside the data folder.
  folder = await mkdtemp(join(tmpdir(), 'familiar-usage-page-'));
  data = join(folder, 'data');
  await using stores = await openData(readSettings({ data }, undefined, {}));
  const count = (day: number, secretId: string, endpoint: string, code: number, calls: number) => {
    const pictures = endpoint === 'getinfo' ? 0 : 1;
    const faces = code === 0 ? pictures : 0;
    const call: CountedCall = { appid: '1000001', day: `2026-10-${day}`, secretId, endpoint, code, pictures, faces };
    return Promise.all(Array.from({ length: calls }, () => stores.usage.count(call)));
  };
  await count(12, 'gate', 'detect', 0, 12_000);
  await count(12, 'gate', 'detect', -1101, 30);
  await count(20, 'gate', 'verify', 0, 5_000);
  await count(30, 'gate', 'verify', 0, 4_000);
  await count(31, 'gate', 'verify', 0, 2_000);
  await count(31, 'gate', 'verify', -1303, 250);
  await count(31, 'gate', 'addface', 0, 400);
  await count(31, 'desk', 'getinfo', 0, 5_000);
  await count(31, 'desk', 'getinfo', -1303, 1);
});
after(() => rm(folder, { recursive: true }));

for (const page of pages) {
  const own = blocks.filter((block) => block.page === page);

  test(`${page}: commands print what stands below them`, async () => {
    const commands = own.flatMap(({ language, text }, i) => (language === 'sh' ? [[text, own[i + 1]] as const] : []));
    assert.equal(commands.length, 6);
    for (const [command, next] of commands) {
      assert.match(command, /^npm run -s familiar -- /);
      const words = command.split(' ').slice(5);
      // The month may not be over where the tests run.
      if (words[1] === 'close') continue;
      const { exitCode, output, errors } = await runHere(...words, '--data', data);
      assert.deepEqual([exitCode, errors], [0, ''], command);
      if (next?.language === 'text') assert.equal(output.trimEnd(), next.text, command);
      else assert.match(output, /^<!doctype html>/);
    }
  });

  test(`${page}: the published list is the one that ships, and a table that can be given`, async () => {
    const tables = own.filter(({ language }) => language === 'json').map(({ text }) => text);
    assert.deepEqual(
      tables.map((text) => readPriceTable(text, page)),
      [publishedPrices],
    );
    const prices = join(data, 'prices.json');
    await writeFile(prices, tables[0]!);
    const month = ['statement', '--month', '2026-10', '--appid', '1000001', '--data', data];
    assert.deepEqual(await runHere(...month, '--prices', prices), await runHere(...month));
  });
}

test('months are closed as the page says', async () => {
  const words = blocks
    .find(({ text }) => text.includes('statement close'))!
    .text.split(' ')
    .slice(5);
  const past = words.map((word) => (word === '2026-10' ? '2020-10' : word));
  const { exitCode, output } = await runHere(...past, '--data', data);
  assert.deepEqual([exitCode, output], [0, 'Nothing of 2020-10 was to be closed.\n']);
});
