/** A PostgreSQL database for a test's data. */
import pg from 'pg';
import type { DatabaseSource } from '../../src/store/database.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import type { Home } from '../store/fixtures.ts';
import { borrowDatabase } from './lend.ts';

/** A database of its own. */
export interface PostgresHome extends Home {
  readonly url: string;
  readonly source: DatabaseSource;
  /** Runs statements on a connection of the test's own, always the same. */
  ask(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** Makes a database for one test. */
export async function postgresHome(): Promise<PostgresHome> {
  const database = await borrowDatabase();
  const own = new pg.Pool({ connectionString: database.url, max: 1 });
  // It ends with its database.
  own.on('error', () => {});
  return {
    url: database.url,
    source: { kind: 'postgres', url: database.url },
    // Tests say nothing of how long statements take, whatever else the machine does.
    open: (options) => openSharedStores({ url: database.url, masterKey, statementTimeoutMs: 60_000, ...options }),
    ask: async (text) => (await own.query(text)).rows,
    async [Symbol.asyncDispose]() {
      await own.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
