/** A spread register for a test's data. */
import { setTimeout } from 'node:timers/promises';
import type { DatabaseSource } from '../../src/store/database.ts';
import { distribute } from '../../src/store/dialects/postgres/citus.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import type { Home } from '../store/fixtures.ts';
import { ask, type Cluster } from './cluster.ts';

/** Into how many parts tables are divided: more than there are workers, and few, since a test waits for all of them. */
export const shards = 4;

/** Makes a register in a database of its own, and spreads it. */
export async function makeSpread(cluster: Cluster, name: string): Promise<string> {
  const url = await cluster.makeDatabase(name);
  await (await openSharedStores({ url, masterKey }))[Symbol.asyncDispose]();
  await distribute(url, shards);
  return url;
}

/** Makes homes of one spread register, which takes long to make: each finds it empty. */
export function spreadHome(urlOf: () => string): () => Promise<Home & { readonly source: DatabaseSource }> {
  return async () => {
    const url = urlOf();
    const tables = await ask(url, 'select logicalrelid::text as name from pg_dist_partition');
    await ask(url, `truncate servers, ${tables.map(({ name }) => name).join()} cascade`);
    return {
      source: { kind: 'postgres', url },
      open: (options) => openSharedStores({ url, masterKey, statementTimeoutMs: 60_000, ...options }),
      // Connections of the stores that were closed may still be on their way out.
      [Symbol.asyncDispose]: () => setTimeout(20),
    };
  };
}
