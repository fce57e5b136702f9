/** Knows where a test's SQLite files are. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores } from '../../src/store/open.ts';
import type { Home } from './fixtures.ts';

/** A folder of its own with one database in it. */
export interface SqliteHome extends Home {
  readonly folder: string;
  readonly file: string;
}

/** Makes a folder for one test. */
export async function sqliteHome(): Promise<SqliteHome> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-store-'));
  const file = join(folder, 'familiar.sqlite');
  return {
    folder,
    file,
    open: (options) => openStores({ file, ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
