/** A statement as text for a terminal. */
import type { Sheet, SheetTable } from './sheet.ts';

/** Characters that a terminal writes twice as wide as others (Unicode, East Asian Width: wide and fullwidth). */
const wide = /[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹯！-｠￠-￦]/g;

/** Writes a statement as text. */
export function renderText({ title, facts, tables, notes }: Sheet): string {
  const factWidth = Math.max(...facts.map(([name]) => widthOf(name)));
  return [
    title,
    '',
    ...facts.map(([name, text]) => `${padEnd(name, factWidth)}  ${text}`),
    ...tables.flatMap((table) => ['', table.title, '', ...linesOf(table)]),
    '',
    ...notes,
    '',
  ].join('\n');
}

function linesOf({ columns, rows, totals }: SheetTable): readonly string[] {
  const lines = [columns.map((column) => column.title), ...rows, ...totals];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => widthOf(cells[i] ?? ''))));
  return lines.map((cells) =>
    cells
      .map((cell, i) => (columns[i]!.isNumber ? padStart(cell, widths[i]!) : padEnd(cell, widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  return text.length + (text.match(wide)?.length ?? 0);
}

function padStart(text: string, width: number): string {
  return ' '.repeat(width - widthOf(text)) + text;
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(width - widthOf(text));
}
