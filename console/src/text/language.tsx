/** The language of the page: chosen by whoever uses it, or the browser's. */
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { type TextName, texts } from './texts.ts';

/** English or Chinese. */
export type Language = 'en' | 'zh';

/** What each language calls itself. */
export const languages: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

interface Words {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  /** The text of a name; `{word}` in it is replaced by the value. */
  readonly t: (name: TextName, values?: Readonly<Record<string, string>>) => string;
  /** A number as the language writes it. */
  readonly number: (value: number) => string;
  /** A moment, in milliseconds since 1970, in the browser's time zone. */
  readonly moment: (at: number) => string;
}

const key = 'familiar.language';
const WordsContext = createContext<Words>(wordsOf('en', () => {}));

function first(): Language {
  const kept = localStorage.getItem(key);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

function wordsOf(language: Language, setLanguage: Words['setLanguage']): Words {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const number = new Intl.NumberFormat(locale);
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  return {
    language,
    setLanguage,
    t: (name, values = {}) =>
      texts[name][language === 'zh' ? 1 : 0].replaceAll(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole),
    number: (value) => number.format(value),
    moment: (at) => moment.format(at),
  };
}

/** Gives the texts of the chosen language to all that is in it. */
export function Words({ children }: { readonly children: ComponentChildren }) {
  const [language, setLanguage] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const choose = (chosen: Language) => {
    localStorage.setItem(key, chosen);
    setLanguage(chosen);
  };
  return <WordsContext.Provider value={wordsOf(language, choose)}>{children}</WordsContext.Provider>;
}

/** The texts, numbers and moments of the chosen language. */
export const useWords = (): Words => useContext(WordsContext);
