/** What the generated pages have in common: texts in a language, and values put into them. */

/** Says an English text in the page's language. */
export type Say = (english: string) => string;

/** Puts values where a text names them in braces. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
