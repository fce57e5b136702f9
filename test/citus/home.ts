/** A spread register for a test's data. */
import { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { DatabaseSource } from '../../src/store/database.ts';
import { distribute } from '../../src/store/dialects/postgres/citus.ts';
import { openSharedStores } from '../../src/store/open.ts';
import type { Stores } from '../../src/store/stores.ts';
import { masterKey } from '../master-key.ts';
import type { OpenHome } from '../store/audit/lines.ts';
import { ask, type Cluster, skip, startCluster } from './cluster.ts';

/** Into how many parts tables are divided: more than there are workers, and few, since a test waits for all of them. */
export const shards = 4;

/** Makes a register in a database of its own, and spreads it. */
export async function makeSpread(cluster: Cluster, name: string): Promise<string> {
  const url = await cluster.makeDatabase(name);
  await (await openSharedStores({ url, masterKey }))[Symbol.asyncDispose]();
  await distribute(url, shards);
  return url;
}

/** What suites are given for each test. */
type SpreadHome = OpenHome & { readonly source: DatabaseSource };

/**
 * Declares suites over one register that is spread over a cluster, or says why they are left out.
 * @param name of the database.
 */
export function overCluster(name: string, declare: (makeHome: () => Promise<SpreadHome>) => void): void {
  if (skip) {
    console.log(`skipped: ${skip}`);
    return;
  }
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, name);
  });
  after(() => cluster[Symbol.asyncDispose]());
  declare(spreadHome(() => url));
}

/** Makes homes of one spread register, which takes long to make: each finds it empty. */
function spreadHome(urlOf: () => string): () => Promise<SpreadHome> {
  return async () => {
    const url = urlOf();
    // Of these the rows belong to the tables themselves.
    const tables = await ask(
      url,
      `select quote_ident(relname) as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
        and relname <> 'vector_search' and not starts_with(relname, 'kysely_')`,
    );
    await ask(url, `truncate ${tables.map(({ name }) => name).join()} cascade`);
    return {
      ask: (text) => ask(url, text),
      source: { kind: 'postgres', url },
      // A statement goes to two machines, and tests say nothing of how long that takes.
      open: (options) =>
        openSharedStores({ url, masterKey, statementTimeoutMs: 60_000, transactionTimeoutMs: 100_000, ...options }),
      // Connections of the stores that were closed may still be on their way out.
      [Symbol.asyncDispose]: () => setTimeout(20),
    };
  };
}

/** Makes a key each, of its own name, for two appids whose rows are on worker 1 and on worker 2. */
export async function tenantsApart(cluster: Cluster, url: string, stores: Stores): Promise<readonly [string, string]> {
  const found = new Map<number, string>();
  for (let appid = 3001; found.size < 2; appid++) {
    const worker = await cluster.workerOf(url, `${appid}`);
    if (!found.has(worker)) found.set(worker, `${appid}`);
  }
  for (const appid of found.values()) {
    await stores.keys.addKey({ appid, secretId: appid, secretKey: 's', createdAt: 1, revokedAt: null }, []);
  }
  return [found.get(1)!, found.get(2)!];
}
