/** The languages of the generated pages: English as in the declarations, and its Chinese translation. */
import type { Say } from './pages/pages.ts';
import { chineseRefusals } from './zh/refusals.ts';
import { chineseTexts } from './zh/texts.ts';

/** Every English text of the generated pages in Chinese; a test checks that none is missing and none is unused. */
export const chinese: ReadonlyMap<string, string> = new Map([
  ...Object.entries(chineseTexts),
  ...Object.entries(chineseRefusals),
]);

/** English. */
export const inEnglish: Say = (english) => english;

/** Chinese; a text that has not been translated yet stays as it is. */
export const inChinese: Say = (english) => chinese.get(english) ?? english;
