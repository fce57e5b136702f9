import assert from 'node:assert/strict';
import test from 'node:test';
import { renderCodesPage } from '../../tools/pages/codes-page.ts';
import { renderReferencePage } from '../../tools/pages/reference-page.ts';
import { chinese } from '../../tools/words.ts';
import { readBlocks } from './blocks.ts';

test('every text of the generated pages has its Chinese, and no Chinese is left over', () => {
  const said = new Set<string>();
  const say = (english: string) => {
    said.add(english);
    return english;
  };
  renderReferencePage(say);
  renderCodesPage(say);
  const missing = [...said].filter((english) => !chinese.has(english));
  const spare = [...chinese.keys()].filter((english) => !said.has(english));
  assert.deepEqual({ missing, spare }, { missing: [], spare: [] }, 'mend tools/zh/*.ts and run `npm run generate`');
});

test('a Chinese text keeps the names and the blanks of the English one', () => {
  const kept = (text: string) => (text.match(/`[^`]+`|\{\w+\}/g) ?? []).filter((name) => !name.includes('<')).sort();
  for (const [english, translated] of chinese) {
    for (const name of kept(english)) assert.ok(translated.includes(name), `${name} is missing in: ${translated}`);
  }
});

test('the Chinese reference has the very examples of the English one', () => {
  const blocks = readBlocks();
  const texts = (page: string) => blocks.filter((block) => block.page === page).map(({ text }) => text);
  assert.deepEqual(texts('docs/zh/api.md'), texts('docs/api.md'));
});
