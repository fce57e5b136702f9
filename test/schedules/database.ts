/** A SQLite file that a simulated thread writes, which may find the disk full, or die; another process writes beside it. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Handles } from '../../src/store/database.ts';
import type { Connection } from '../../src/store/dialects/sqlite/connection.ts';
import { callsFileOf, handlesOf } from '../../src/store/dialects/sqlite/database.ts';
import type { Answer, Request, RequestPort } from '../../src/store/dialects/sqlite/messages.ts';
import { DatabaseThread } from '../../src/store/dialects/sqlite/thread.ts';
import { openForWriting, serve } from '../../src/store/dialects/sqlite/writer-thread.ts';
import { openStores } from '../../src/store/open.ts';
import type { CallTables, Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import type { Schedule } from './schedule.ts';
import { SimulatedThread } from './threads.ts';

/** Commands that may find the disk full. */
const writes: ReadonlySet<string> = new Set(['run', 'commit']);
/** SQLite's code for a full disk. */
const diskFull = 13;

/** Handles whose thread is simulated. Disposing waits until the thread has ended. */
export interface SimulatedDatabase<T> extends AsyncDisposable {
  readonly database: Handles<T>;
  readonly thread: SimulatedThread<Request, Answer>;
}

/** A file of its own, which schedules use one after the other. */
export interface DatabaseFile<T> extends AsyncDisposable {
  /** A connection beside the simulated thread's, as another process has it: it sees what is committed. */
  readonly beside: DatabaseSync;
  /** Empties some tables, and starts a thread that writes the file; in some schedules it dies. */
  simulate(schedule: Schedule, ...tables: readonly (keyof T & string)[]): SimulatedDatabase<T>;
}

/** Makes a file with the tables of the registries in it; in memory, where the system has a folder for that. */
export function openRegistryFile(): Promise<DatabaseFile<Tables>> {
  return openDatabaseFile((file) => file);
}

/** Makes a file with the tables of what calls write in it. */
export function openCallsFile(): Promise<DatabaseFile<CallTables>> {
  return openDatabaseFile(callsFileOf);
}

async function openDatabaseFile<T>(choose: (file: string) => string): Promise<DatabaseFile<T>> {
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'familiar-schedules-'));
  const registries = join(folder, 'familiar.sqlite');
  await (await openStores({ file: registries, masterKey }))[Symbol.asyncDispose]();
  const file = choose(registries);
  const beside = new DatabaseSync(file);
  return {
    beside,
    simulate(schedule, ...tables) {
      if (beside.isTransaction) beside.exec('rollback');
      for (const table of tables) beside.exec(`delete from ${table}`);
      const thread = startWriter(schedule, file);
      const database = handlesOf<T>(new DatabaseThread(thread), file);
      const close = async (): Promise<void> => database[Symbol.asyncDispose]();
      return { database, thread, [Symbol.asyncDispose]: () => close().catch(unlessDead(thread)) };
    },
    async [Symbol.asyncDispose]() {
      beside.close();
      await rm(folder, { recursive: true });
    },
  };
}

function startWriter(schedule: Schedule, file: string): SimulatedThread<Request, Answer> {
  const thread = new SimulatedThread<Request, Answer>(schedule, {
    name: 'the writer',
    describe: ({ command }) => (command.kind === 'run' ? command.sql.replace(/ \(.*/, ' …') : command.kind),
    start: (port) => {
      const options = { file, busyTimeoutMs: 0 };
      const connection = openForWriting(options);
      serve(withFullDisk(port, schedule, connection), connection, options);
      return () => connection.close();
    },
  });
  const die = (): void => thread.die(schedule.random.oneIn(2) ? new Error('out of memory') : undefined);
  if (schedule.random.oneIn(4)) schedule.maybe('the end of the writer', 'comes', die);
  return thread;
}

/** Rethrows an error for which the death of a thread is no reason. */
function unlessDead(thread: SimulatedThread<Request, Answer>): (error: unknown) => void {
  return (error) => {
    if (!thread.hasDied) throw error;
  };
}

/**
 * Where orders are answered with a fault whenever the schedule says that the disk is full. SQLite ends the transaction by
 * itself then, or not (https://sqlite.org/lang_transaction.html).
 */
function withFullDisk(port: RequestPort, schedule: Schedule, connection: Connection): RequestPort {
  return {
    on: (event, listener) =>
      port.on(event, (order) => {
        if (!writes.has(order.command.kind) || !schedule.fails('the disk', 'take more')) return listener(order);
        if (connection.isTransaction && schedule.random.oneIn(2)) connection.run('rollback');
        port.postMessage({ id: order.id, fault: { message: 'disk full', errcode: diskFull } });
      }),
    postMessage: (answer) => port.postMessage(answer),
    close: () => port.close(),
  };
}
