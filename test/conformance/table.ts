/** Counts and prints what was run. */

/** Counts by row and column. */
export class Table {
  readonly #corner: string;
  readonly #columns: readonly string[];
  readonly #rows = new Map<string, Map<string, number>>();

  /** The first column counts whole requests, the others are the ways in which they were sent. */
  constructor(first: string, others: readonly string[]) {
    this.#corner = 'client';
    this.#columns = [first, ...others];
  }

  /** Counts one. */
  add(row: string, column: string): void {
    const counts = this.#rows.get(row) ?? new Map<string, number>();
    counts.set(column, (counts.get(column) ?? 0) + 1);
    this.#rows.set(row, counts);
  }

  /** The table as text, a line each row. */
  render(): string {
    const body = [...this.#rows].map(([row, counts]) => [row, ...this.#columns.map((name) => counts.get(name) ?? 0)]);
    const lines = [[this.#corner, ...this.#columns], ...body].map((line) => line.map(String));
    const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
    const pad = (cell: string, i: number) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
    return lines.map((line) => line.map(pad).join('  ')).join('\n');
  }
}
