/** Copies a SQLite file that others may be using, as it is at one moment. */
import { stat } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';

/** How often the progress is looked at, in milliseconds. */
const lookMs = 200;

/**
 * Copies a database. It is one moment's, whoever writes meanwhile; writers do not wait, and their log grows until the copy is done.
 * The copy has no log, and needs no other file.
 * @param statements run on the copy, in one transaction.
 * @param onProgress called with the bytes of the copy so far, and those of the original.
 * @throws what SQLite says if the file cannot be read.
 */
export async function copySqlite(
  file: string,
  copy: string,
  statements: readonly string[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const { size } = await stat(file);
  const timer = setInterval(() => {
    stat(copy).then(
      (made) => onProgress(Math.min(made.size, size), size),
      () => {},
    );
  }, lookMs);
  try {
    const source = new DatabaseSync(file, { readOnly: true });
    try {
      // All pages in one step: SQLite begins anew when another process writes between two steps.
      await backup(source, copy, { rate: 2 ** 31 - 1 });
    } finally {
      source.close();
    }
  } finally {
    clearInterval(timer);
  }
  finish(copy, statements);
}

/** Takes what the copy should not hold out of it, to the last byte. */
function finish(copy: string, statements: readonly string[]): void {
  const target = new DatabaseSync(copy);
  try {
    target.exec('pragma journal_mode = delete; pragma secure_delete = on; begin');
    for (const statement of statements) target.exec(statement);
    target.exec('commit');
  } finally {
    target.close();
  }
}
