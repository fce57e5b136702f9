/** Knows how SQLite is written to: the thread that holds the one connection that writes, so that no other waits for the disk. */
import { writeFileSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Connection, type SqlResult } from './connection.ts';
import { Eraser } from './eraser.ts';
import type { Answer, Order, Work, WriterOptions } from './messages.ts';

const nothing: SqlResult = { rows: [], changes: 0 };

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as WriterOptions);

function serve(port: MessagePort, options: WriterOptions): void {
  const connection = openForWriting(options);
  const eraser = new Eraser(connection, options.busyTimeoutMs);
  eraser.erase();
  port.on('message', ({ id, work }: Order) => {
    port.postMessage(answer(id, () => perform(connection, eraser, work)));
    if (work.kind === 'close') port.close();
  });
}

function answer(id: number, perform: () => SqlResult): Answer {
  try {
    return { id, result: perform() };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    return { id, fault: { message, errcode } };
  }
}

function perform(connection: Connection, eraser: Eraser, work: Work): SqlResult {
  switch (work.kind) {
    case 'run':
      if (work.erases) eraser.eraseSoon();
      return connection.run(work.sql, work.parameters);
    case 'rollback':
      return connection.isTransaction ? connection.run('rollback') : nothing;
    case 'close':
      eraser.close();
      connection.close();
      return nothing;
  }
}

function openForWriting({ file, busyTimeoutMs }: WriterOptions): Connection {
  createPrivately(file);
  const connection = new Connection({ file, readOnly: false, busyTimeoutMs });
  enterWalMode(connection, busyTimeoutMs);
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

/** SQLite does not wait for another process that is changing the mode at the same moment, so this does. */
function enterWalMode(connection: Connection, busyTimeoutMs: number): void {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      connection.run('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html#busy), extended codes included. */
function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}
