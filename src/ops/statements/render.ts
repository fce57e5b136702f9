/** Writes a statement in the format and the language that are asked for; the same statement always gives the same bytes. */
import { renderHtml } from './html.ts';
import { sheetOf } from './sheet.ts';
import type { Statement } from './statement.ts';
import { renderText } from './text.ts';
import type { StatementLanguage } from './words.ts';

/** How each format is written. */
const formats = {
  text: (statement: Statement, language: StatementLanguage) => renderText(sheetOf(statement, language)),
  json: (statement: Statement) => `${JSON.stringify(statement, null, 2)}\n`,
  html: (statement: Statement, language: StatementLanguage) => renderHtml(sheetOf(statement, language)),
};

/** A format that statements are written in. */
export type StatementFormat = keyof typeof formats;
/** All of them. */
export const statementFormats = Object.keys(formats) as readonly StatementFormat[];

/** Writes a statement; JSON has no language. */
export function renderStatement(statement: Statement, format: StatementFormat, language: StatementLanguage): string {
  return formats[format](statement, language);
}
