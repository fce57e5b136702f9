/** A PostgreSQL with pgvector, where this machine has one: the one that the development dependencies bring has not. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import type { PostgresHome } from './home.ts';
import { type PostgresServer, startPostgres } from './server.ts';

/** Where Debian's packages install PostgreSQL, a folder for each version. */
const debian = '/usr/lib/postgresql';

/** The folder of the programs of a PostgreSQL that has pgvector; undefined if there is none. */
export function findPgvector(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  const folders = versions.map((version) => join(debian, version));
  const found = folders.find(
    (folder) => existsSync(join(folder, 'lib', 'vector.so')) && existsSync(join(folder, 'bin', 'postgres')),
  );
  return found && join(found, 'bin');
}

/** Why tests that need it are skipped; undefined if they are not. */
export const skip: string | undefined =
  findPgvector() === undefined ? `no PostgreSQL with pgvector in ${debian}` : undefined;

let server: Promise<PostgresServer> | undefined;
let databases = 0;

/** Makes a database for one test, on a server that ends with the process. */
export async function vectorHome(): Promise<PostgresHome> {
  server ??= startPostgres({}, findPgvector());
  const { urlOf } = await server;
  const name = `vectors_${process.pid}_${++databases}`;
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = urlOf(name);
  const own = new pg.Pool({ connectionString: url, max: 1, allowExitOnIdle: true });
  own.on('error', () => {});
  return {
    url,
    source: { kind: 'postgres', url },
    open: (options) => openSharedStores({ url, masterKey, statementTimeoutMs: 60_000, ...options }),
    ask: async (text) => (await own.query(text)).rows,
    [Symbol.asyncDispose]: () => own.end(),
  };
}
