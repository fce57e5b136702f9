/** The thread that holds the one connection that writes, so that no other thread waits for the disk. */
import { writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { whenAlone } from './alone.ts';
import { Connection, type SqlResult } from './connection.ts';
import { LogTruncator } from './log-truncator.ts';
import { answerTo, type Command, type OrderPort, type WriterOptions } from './messages.ts';

const nothing: SqlResult = { rows: [], changes: 0 };

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, openForWriting(workerData), workerData);

/** Answers orders to a database, until one closes it. */
export function serve(port: OrderPort, connection: Connection, options: WriterOptions): void {
  const eraser = new LogTruncator(connection, options.busyTimeoutMs);
  eraser.erase();
  port.on('message', ({ id, command }) => {
    const answer = answerTo(id, () => perform(connection, eraser, options, command));
    // The disk may be full, of the log even; emptied, it leaves room for the next attempt.
    if ('fault' in answer) eraser.eraseSoon();
    port.postMessage(answer);
    if (command.kind === 'close') port.close();
  });
}

function perform(connection: Connection, eraser: LogTruncator, options: WriterOptions, work: Command): SqlResult {
  const { truncatesLog = true } = options;
  switch (work.kind) {
    case 'run':
      if (work.erases && truncatesLog) eraser.eraseSoon();
      return connection.run(work.sql, work.parameters);
    case 'rollback':
      return connection.isTransaction ? connection.run('rollback') : nothing;
    case 'tidy':
      return tidy(connection, options);
    case 'close':
      if (truncatesLog) eraser.close();
      if (!connection.isTransaction) tidy(connection, options);
      connection.close();
      return nothing;
  }
}

function tidy(connection: Connection, { busyTimeoutMs, whenAlone: statements }: WriterOptions): SqlResult {
  if (statements !== undefined) whenAlone(connection, busyTimeoutMs, statements);
  return nothing;
}

/** Opens the file, or makes it, so that what is committed is durable and what is deleted is overwritten. */
export function openForWriting({ file, busyTimeoutMs }: WriterOptions): Connection {
  createPrivately(file);
  const connection = new Connection({ file, readOnly: false, busyTimeoutMs });
  const [{ journal_mode: mode } = {}] = connection.run('pragma journal_mode = wal').rows;
  // Otherwise each read would wait for each write; SQLite says no on file systems that several machines share.
  if (mode !== 'wal') throw new Error(`the file system does not allow a write-ahead log: the mode is ${mode}`);
  connection.run('pragma synchronous = full');
  connection.run('pragma secure_delete = on');
  connection.run('pragma temp_store = memory');
  return connection;
}

/** SQLite would let every user of the machine read the file, and gives `-wal` and `-shm` the same permissions. */
function createPrivately(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
