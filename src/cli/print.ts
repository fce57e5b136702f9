/** Prints results: as aligned columns for a person, as JSON for a program. */

/** Where a command writes. */
export interface Output {
  write(text: string): unknown;
}

/** One row of a table; keys are the column's titles. */
export type Row = Readonly<Record<string, string | number>>;

/** Writes one JSON document. */
export function printJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes rows under their titles, numbers to the right. */
export function printTable(output: Output, rows: readonly Row[]): void {
  const titles = Object.keys(rows[0] ?? {});
  const widths = titles.map((title) => Math.max(title.length, ...rows.map((row) => String(row[title]).length)));
  const line = (cells: readonly (string | number | undefined)[]) =>
    cells
      .map((cell, i) =>
        typeof cell === 'number' ? String(cell).padStart(widths[i]!) : String(cell).padEnd(widths[i]!),
      )
      .join('  ')
      .trimEnd();
  const lines = [line(titles), ...rows.map((row) => line(titles.map((title) => row[title])))];
  output.write(`${lines.join('\n')}\n`);
}

/** Writes rows as CSV (RFC 4180, with line feeds), the titles first, even if there are no rows. */
export function printCsv(output: Output, titles: readonly string[], rows: readonly Row[]): void {
  const cell = (value: string | number | undefined): string => {
    const text = String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  for (const cells of [titles, ...rows.map((row) => titles.map((title) => row[title]))]) {
    output.write(`${cells.map(cell).join(',')}\n`);
  }
}

/** Writes one row as lines of a title and a value. */
export function printFields(output: Output, row: Row): void {
  const width = Math.max(...Object.keys(row).map((title) => title.length));
  const lines = Object.entries(row).map(([title, value]) => `${title.padEnd(width)}  ${value}`.trimEnd());
  output.write(`${lines.join('\n')}\n`);
}
