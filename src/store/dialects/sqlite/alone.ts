/** Runs statements that may run only while no other connection has the database open. */
import type { Connection } from './connection.ts';

/**
 * Runs statements in a transaction if no other connection of any process has the file open; does nothing otherwise. A
 * file leaves the mode with a write-ahead log only for a connection that is alone with it, which copies the log into the
 * file and removes it (https://sqlite.org/wal.html#persistence_of_wal_mode).
 */
export function whenAlone(connection: Connection, busyTimeoutMs: number, statements: readonly string[]): void {
  connection.run('pragma busy_timeout = 0');
  try {
    connection.run('pragma journal_mode = delete');
    connection.run('begin exclusive');
    for (const statement of statements) connection.run(statement);
    connection.run('commit');
  } catch {
    // Somebody else has it open, or the disk fails, which the next write tells.
    if (connection.isTransaction) connection.run('rollback');
  } finally {
    connection.run(`pragma busy_timeout = ${busyTimeoutMs}`);
    returnToLog(connection);
  }
}

/** A disk that fails may prevent it: then the file has no log until it is opened again, and whoever reads waits for writes. */
function returnToLog(connection: Connection): void {
  try {
    connection.run('pragma journal_mode = wal');
  } catch {
    // The next write tells.
  }
}
