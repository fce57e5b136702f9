/** Texts of the generated pages in a language, with values filled in. */

/** Translates an English text to the page's language. */
export type Say = (english: string) => string;

/** Fills values in where a text names them in braces. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
