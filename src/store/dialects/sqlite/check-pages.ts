/** SQLite's own check of its pages. */
import { type Kysely, sql } from 'kysely';

/** What is wrong with the pages and indexes of a database, each with the table's name; empty if all is well. */
export async function checkPages<T>(db: Kysely<T>): Promise<readonly string[]> {
  try {
    const { rows } = await sql<{ name: string; rootpage: number; tbl_name: string }>`
      select name, rootpage, tbl_name from sqlite_master where rootpage > 0 order by rootpage`.execute(db);
    const roots = new Map(rows.map((row) => [row.rootpage, row]));
    const faults: string[] = [];
    // One by one: of a table that it cannot read to the end, SQLite says no more than that.
    for (const table of rows.filter(({ name, tbl_name: owner }) => name === owner)) {
      const lines = await checkTable(db, table.name).catch((error: Error) => [error.message]);
      faults.push(...lines.map((line) => `table ${table.name}: ${withName(line, roots)}`));
    }
    return faults;
  } catch (error) {
    return [(error as Error).message];
  }
}

async function checkTable<T>(db: Kysely<T>, name: string): Promise<readonly string[]> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(${sql.lit(name)})`.execute(db);
  return rows.flatMap((row) => row.quick_check.split('\n')).filter((line) => !/^(ok|\*\*\*.*)?$/.test(line));
}

/** SQLite names a table or an index by its first page. */
function withName(line: string, roots: ReadonlyMap<number, { readonly name: string }>): string {
  return line.replace(/\b[Tt]ree (\d+)/, (all, root) => roots.get(Number(root))?.name ?? all);
}
