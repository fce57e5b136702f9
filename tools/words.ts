/** The languages of the generated pages: English is what the declarations say, Chinese is looked up. */
import type { Say } from './pages/pages.ts';
import { chineseRefusals } from './zh/refusals.ts';
import { chineseTexts } from './zh/texts.ts';

/** Every English text of the generated pages in Chinese; a test proves that none is missing and none left over. */
export const chinese: ReadonlyMap<string, string> = new Map([
  ...Object.entries(chineseTexts),
  ...Object.entries(chineseRefusals),
]);

/** English. */
export const inEnglish: Say = (english) => english;

/** Chinese; a text that has not been translated yet stays as it is. */
export const inChinese: Say = (english) => chinese.get(english) ?? english;
