/**
 * Lends databases to tests: one PostgreSQL server for all test files of a run, started when the first database is asked for,
 * and each test has a database of its own. A file that is run without the run's setup starts a server of its own.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './server.ts';

/** The variable that holds the url at which the run's setup gives out databases. */
export const lenderVariable = 'FAMILIAR_TEST_POSTGRES';

/** A database of its own for one test; gone when disposed of. */
export interface LentDatabase extends AsyncDisposable {
  readonly url: string;
}

let own: Promise<AsyncDisposable & { readonly url: string }> | undefined;

function ownLender(): ReturnType<typeof servePostgres> {
  own ??= servePostgres();
  return own;
}

/** Borrows an empty database. */
export async function borrowDatabase(): Promise<LentDatabase> {
  const lender = process.env[lenderVariable] ?? (await ownLender()).url;
  const url = await textOf(await fetch(lender, { method: 'POST' }));
  return {
    url,
    async [Symbol.asyncDispose]() {
      await textOf(await fetch(lender, { method: 'DELETE', body: url }));
    },
  };
}

/** Listens on a port of this machine: POST gives out the url of a new database, DELETE takes it back. */
export async function servePostgres(): Promise<AsyncDisposable & { readonly url: string }> {
  let opened: Promise<{ readonly server: PostgresServer; readonly admin: pg.Pool }> | undefined;
  const open = async () => {
    const server = await startPostgres();
    const admin = new pg.Pool({ connectionString: server.urlOf('postgres'), max: 2, allowExitOnIdle: true });
    admin.on('error', () => {});
    return { server, admin };
  };
  const openOnce = () => {
    opened ??= open();
    return opened;
  };
  const lend = async (): Promise<string> => {
    const { server, admin } = await openOnce();
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`create database ${name}`);
    return server.urlOf(name);
  };
  const takeBack = async (url: string): Promise<string> => {
    const { admin } = await openOnce();
    await admin.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`);
    return '';
  };
  const http = createServer(async (request, response) => {
    try {
      const body = (await Array.fromAsync(request)).join('');
      response.end(request.method === 'POST' ? await lend() : await takeBack(body));
    } catch (error) {
      response.writeHead(500).end((error as Error).stack);
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  http.unref();
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      const { server, admin } = (await opened) ?? {};
      await admin?.end();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
