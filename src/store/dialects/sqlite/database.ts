/** Opens a SQLite file for Kysely: one writer and several readers. */
import { type Driver, Kysely, type KyselyConfig, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Database } from '../../database.ts';
import type { Tables } from '../../tables.ts';
import { BulkDriver } from './bulk.ts';
import type { WriterOptions } from './messages.ts';
import { ReaderDriver, readTimeoutMs } from './reader.ts';
import type { DatabaseThread } from './thread.ts';
import { openWriter, WriterDriver } from './writer.ts';

/** How to open a SQLite database. */
export interface SqliteOptions extends WriterOptions {
  /** Told of every query. */
  readonly log?: KyselyConfig['log'];
}

/**
 * Opens the file, or makes it, readable by its owner only. Its folder must be there.
 * @throws what SQLite says if the file cannot be opened or is no database.
 */
export async function openSqlite({ log, ...options }: SqliteOptions): Promise<Database> {
  return databaseOver(await openWriter(options), options.file, log);
}

/** The database that a thread writes; it ends the thread when it is disposed of. */
export function databaseOver(thread: DatabaseThread, file: string, log?: KyselyConfig['log']): Database {
  const readers = new ReaderDriver(file);
  return {
    writer: kysely(new WriterDriver(thread), new OneConnection(), log),
    reader: kysely(readers, new ManyConnections(), log),
    openBulk: () => kysely(new BulkDriver({ file, busyTimeoutMs: readTimeoutMs }), new ManyConnections(), log),
    check: () => thread.check(),
    async [Symbol.asyncDispose]() {
      // The last connection to leave takes the log along, which one that only reads cannot.
      await readers.destroy();
      await thread.close();
    },
  };
}

function kysely(driver: Driver, adapter: SqliteAdapter, log: KyselyConfig['log']): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    ...(log !== undefined && { log }),
  });
}

/** Kysely's own adapter says no, but tables made in a SQLite transaction do go with it when it is rolled back. */
class OneConnection extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ManyConnections extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
