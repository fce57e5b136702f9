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
  /** The same without the day. */
  readonly clock: (at: number) => string;
  /** A number of bytes: `1.5 GB`. */
  readonly bytes: (value: number) => string;
  /** A time in seconds, in the unit that fits. */
  readonly duration: (seconds: number) => string;
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
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  return {
    language,
    setLanguage,
    t: (name, values = {}) =>
      texts[name][language === 'zh' ? 1 : 0].replaceAll(/\{(\w+)\}/g, (whole, word: string) => {
        const value = values[word];
        return value === undefined ? whole : apart(value);
      }),
    number: (value) => number.format(value),
    moment: (at) => moment.format(at),
    clock: (at) => clock.format(at),
    bytes: (value) => bytesOf(value, locale),
    duration: (seconds) => durationOf(seconds, locale),
  };
}

/** Characters that turn the direction of what follows them, and of those the ones that do nothing else. */
const turns = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;
const onlyTurns = /[\u202a-\u202e\u2066-\u2069]/g;

/** A value as a part of a sentence: what it holds of other scripts must not change the order of the words around it. */
function apart(value: string): string {
  return turns.test(value) ? `\u2068${value.replaceAll(onlyTurns, '')}\u2069` : value;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

function bytesOf(value: number, locale: string): string {
  const power = Math.max(0, Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
  const unit = { style: 'unit', unit: byteUnits[power]!, maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(locale, unit).format(value / 1_000 ** power);
}

const timeUnits = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

function durationOf(seconds: number, locale: string): string {
  const [unit, length] = timeUnits.find(([, from]) => seconds >= 2 * from) ?? timeUnits[3];
  const style = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale, style).format(Math.ceil(seconds / length));
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
