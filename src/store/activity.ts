/** What goes on in the databases, for metrics. */
import type { Kysely } from 'kysely';
import type { directAccess } from './access.ts';
import type { Database, PoolState, ServerSeen, ServerSelf, Transactions } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { CallTables, Tables } from './tables.ts';

/** What goes on in the databases, for metrics. */
export interface StoresActivity {
  /** Has listeners told of each transaction that is over, and of how many calls are counted by one. */
  watchWrites(
    onWrite: (write: { readonly of: 'register' | 'calls'; readonly waitMs: number; readonly ms: number }) => void,
    onCounted: (calls: number) => void,
  ): void;
  /** How many transactions wait for their turn. */
  writesWaiting(): { readonly register: number; readonly calls: number };
  /** The connections that are kept open; none where the database is a file. */
  pools(): readonly PoolState[];
  /** How many changes there have been, by appid. */
  feedPositions(): Promise<ReadonlyMap<string, number>>;
  /** Has the other servers of the database know what this one tells of itself. */
  tellOfSelf(self: () => ServerSelf): void;
  /** The servers that share the database, the one that was seen last at the front; none where it is a file. */
  servers(): Promise<readonly ServerSeen[]>;
}

/** Reads it of what the stores are made of. */
export function activityOf({
  database,
  transactions,
  callTransactions,
  usage,
  accessOf,
}: {
  readonly database: Pick<Database, 'pools' | 'followers'>;
  readonly transactions: Transactions;
  readonly callTransactions: Transactions<CallTables>;
  readonly usage: Ledger;
  readonly accessOf: ReturnType<typeof directAccess>;
}): StoresActivity {
  return {
    watchWrites(onWrite, onCounted) {
      transactions.onTransaction = (waitMs, ms) => onWrite({ of: 'register', waitMs, ms });
      callTransactions.onTransaction = (waitMs, ms) => onWrite({ of: 'calls', waitMs, ms });
      usage.onCommit = onCounted;
    },
    writesWaiting: () => ({ register: transactions.waiting, calls: callTransactions.waiting }),
    pools: () => database.pools(),
    feedPositions: () => accessOf().query(positionsOf),
    tellOfSelf: (self) => database.followers?.tellOfSelf(self),
    servers: async () => (await database.followers?.servers()) ?? [],
  };
}

async function positionsOf(db: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('registries').select(['appid', 'changes']).execute();
  return new Map(rows.map(({ appid, changes }) => [appid, changes]));
}
