/** The thread that holds the one connection that writes, so that no other thread waits for the disk. */
import { writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { collectOnceIdle } from '../../../memory/collect.ts';
import { whenAlone } from './alone.ts';
import { batchesFrom } from './batches.ts';
import { Connection, type SqlResult } from './connection.ts';
import { DiskReserve, releaseWhereFull } from './disk-reserve.ts';
import { LogTruncator } from './log-truncator.ts';
import {
  answerTo,
  type Command,
  diskFull,
  type Fault,
  type RequestPort,
  type Statement,
  type WriterOptions,
} from './messages.ts';
import { FilePlace } from './place.ts';

const nothing: SqlResult = { rows: [], changes: 0 };

/** Answers requests to a database, until one closes it. */
export function serve(port: RequestPort, connection: Connection, options: WriterOptions): void {
  const service = new WriterService(connection, options);
  port.on('message', ({ id, command }) => {
    const answer = answerTo(id, () => service.perform(command));
    if ('fault' in answer) service.noteFault(answer.fault);
    port.postMessage(answer);
    if (command.kind === 'close') port.close();
  });
}

/** How long a log grows that is overwritten and not emptied, in pages: a full disk has no room for a longer one. */
const pagesOfLog = 100;
/** SQLite's result code for a lock that another process holds (https://sqlite.org/rescode.html#busy). */
const busy = 5;

/** The connection that writes, and what may stand in its way: others, a full disk, a file that is gone. */
class WriterService {
  readonly #connection: Connection;
  readonly #options: WriterOptions;
  readonly #eraser: LogTruncator;
  readonly #place: FilePlace;
  readonly #reserve: DiskReserve;
  /** The disk was found full by the transaction that is under way. */
  #isToMakeRoom = false;
  /** Nothing waits for a lock that somebody waited for in vain. */
  #isLocked = false;
  /** A statement of the transaction that is open has failed. */
  #hasFailed = false;

  constructor(connection: Connection, options: WriterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#eraser = new LogTruncator(connection, options.busyTimeoutMs, {
      make: () => this.#reserve.isFull && this.#reserve.release(),
      keep: () => this.#holdLog(),
    });
    this.#place = new FilePlace(options.file);
    this.#reserve = new DiskReserve(options.file, options.reserveBytes ?? 0);
    this.#eraser.erase();
  }

  perform(work: Command): SqlResult {
    switch (work.kind) {
      case 'begin':
        return this.#begin();
      case 'run':
        // It may have failed to begin, or SQLite ended it by itself; what was sent before that was known is no transaction.
        if (work.within && !this.#connection.isTransaction) throw new Error('no transaction is open');
        return work.within ? this.#runWithin(work) : this.#run(work);
      case 'commit':
        return this.#commit(work.statements);
      case 'rollback':
        return this.#rollback();
      case 'setFull':
        this.#reserve.setFull();
        return nothing;
      case 'checkSpace':
        if (this.#reserve.isFull) throw fullError();
        return nothing;
      case 'tidy':
        return this.#tidy();
      case 'close':
        if (this.#truncatesLog) this.#eraser.close();
        if (!this.#connection.isTransaction) this.#tidy();
        this.#connection.close();
        return nothing;
    }
  }

  noteFault({ errcode }: Fault): void {
    if (errcode === diskFull && this.#reserve.setFull()) this.#isToMakeRoom = true;
    // The disk may be full, of the log even; emptied, it leaves room for the next attempt.
    this.#eraser.eraseSoon();
    this.#makeRoom();
  }

  get #truncatesLog(): boolean {
    return this.#options.truncatesLog ?? true;
  }

  #begin(): SqlResult {
    this.#place.check();
    this.#connection.run(`pragma busy_timeout = ${this.#isLocked ? 0 : this.#options.busyTimeoutMs}`);
    try {
      this.#connection.run('begin immediate');
      this.#isLocked = false;
      this.#hasFailed = false;
      return nothing;
    } catch (error) {
      this.#isLocked = (error as { errcode?: number }).errcode === busy;
      if (this.#isLocked) (error as Error).message = `another process has locked ${this.#options.file} for writing`;
      throw error;
    }
  }

  #rollback(): SqlResult {
    // SQLite itself has rolled back after some failures.
    const result = this.#connection.isTransaction ? this.#connection.run('rollback') : nothing;
    this.#makeRoom();
    return result;
  }

  /** A disk that was just found full: the reserve becomes room of the log before others take it. */
  #makeRoom(): void {
    if (!this.#isToMakeRoom || this.#connection.isTransaction) return;
    this.#isToMakeRoom = false;
    this.#eraser.erase();
  }

  #commit(statements: readonly Statement[]): SqlResult {
    this.#begin();
    try {
      for (const statement of statements) this.#run(statement);
      return this.#connection.run('commit');
    } catch (error) {
      // SQLite may have rolled back by itself.
      if (this.#connection.isTransaction) this.#connection.run('rollback');
      throw error;
    }
  }

  /** A commit may be sent before it is known what came of the statements before it. */
  #runWithin(statement: Statement): SqlResult {
    if (this.#hasFailed && statement.sql === 'commit') throw new Error('a statement of the transaction has failed');
    try {
      return this.#run(statement);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #run({ sql, parameters, effect }: Statement): SqlResult {
    if (effect !== 'reads' && this.#reserve.isFull) {
      if (effect === 'grows') throw fullError();
      this.#reserve.release();
      if (this.#connection.isTransaction) this.#reserve.holdLog();
    }
    if (effect === 'erases' && this.#truncatesLog) this.#eraser.eraseSoon();
    return this.#connection.run(sql, parameters);
  }

  /** Keeps room for the log on a full disk once it is emptied, unless another process writes: then after the next deletion. */
  #holdLog(): void {
    if (!this.#reserve.isFull) return;
    this.#connection.run('pragma busy_timeout = 0');
    try {
      // Beside a file that was put in the place of ours lies a log that is not locked.
      this.#place.check();
      this.#connection.run('begin immediate');
      this.#reserve.holdLog();
      this.#connection.run('rollback');
    } catch {
      // What stands in the way of every write is told by the next one.
      this.#rollback();
    }
  }

  #tidy(): SqlResult {
    const { busyTimeoutMs, whenAlone: statements } = this.#options;
    if (statements !== undefined) whenAlone(this.#connection, busyTimeoutMs, statements);
    return nothing;
  }
}

function fullError(): Error {
  return Object.assign(new Error('the disk is full'), { errcode: diskFull });
}

/** Opens the file, or makes it, so that what is committed is durable and what is deleted is overwritten. */
export function openForWriting(options: WriterOptions): Connection {
  createPrivately(options.file);
  try {
    return connect(options);
  } catch (error) {
    if (!releaseWhereFull(options.file)) throw error;
    return connect(options);
  }
}

function connect({ file, busyTimeoutMs, truncatesLog = true }: WriterOptions): Connection {
  const connection = new Connection({ file, readOnly: false, busyTimeoutMs });
  try {
    const [{ journal_mode: mode } = {}] = connection.run('pragma journal_mode = wal').rows;
    // Otherwise each read would wait for each write; SQLite says no on file systems that several machines share.
    if (mode !== 'wal') throw new Error(`the file system does not allow a write-ahead log: the mode is ${mode}`);
    connection.run('pragma synchronous = full');
    connection.run('pragma secure_delete = on');
    connection.run('pragma temp_store = memory');
    if (!truncatesLog) connection.run(`pragma wal_autocheckpoint = ${pagesOfLog}`);
    // Reads the log, which needs some room on the disk.
    connection.run('select count(*) from sqlite_master');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** SQLite would let every user of the machine read the file, and gives `-wal` and `-shm` the same permissions. */
function createPrivately(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) {
  serve(batchesFrom(parentPort), openForWriting(workerData), workerData);
  collectOnceIdle();
}
