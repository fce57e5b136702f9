/** Takes old lines out of the audit. Of each chain a sealed stump is left, from which the rest can still be checked. */
import type { Kysely } from 'kysely';
import type { Transactions } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import type { AuditRow, CallTables, Tables } from '../tables.ts';
import type { LineHasher } from './hash.ts';
import { type AuditHandles, type AuditTable, type ChainName, chainNames, digestsOf, linesOf } from './lines.ts';
import { chainOfChanges } from './trail.ts';

/** Lines of one transaction, so that no write waits long for it. */
const rowsPerPruning = 500;

/** What lines are pruned with. */
export interface PruningParts {
  readonly handles: AuditHandles;
  readonly transactions: Transactions<Tables>;
  readonly callTransactions: Transactions<CallTables>;
  readonly hasher: LineHasher;
}

/**
 * Prunes the lines before a moment: of each chain those up to the first that is younger, even if a clock that went wrong had a
 * later one look older. Nobody who writes lines waits for it: the end of a chain stays where it is.
 * @param before milliseconds since 1970.
 * @param onPruned told how many lines are pruned so far.
 * @returns how many lines were pruned.
 */
export async function pruneLines(
  parts: PruningParts,
  before: number,
  onPruned: (lines: number) => void = () => {},
): Promise<number> {
  let pruned = 0;
  for await (const name of chainNames(parts.handles)) {
    for (let some = -1; some !== 0; ) {
      some = await pruneSome(parts, name, before);
      pruned += some;
      if (some > 0) onPruned(pruned);
    }
  }
  return pruned;
}

async function pruneSome(parts: PruningParts, name: ChainName, before: number): Promise<number> {
  const { handles, hasher } = parts;
  const { table, appid, chain } = name;
  const rows = await linesOf(handles, table)
    .selectFrom(table)
    .select(['appid', 'chain', 'sequence', 'at', 'kind', 'ids', 'hash'])
    .where('appid', '=', appid)
    .where('chain', '=', chain)
    .orderBy('sequence')
    .limit(constant(rowsPerPruning))
    .execute();
  const young = rows.findIndex(({ at }) => at >= before);
  const old = young === -1 ? rows : rows.slice(0, young);
  const last = old.at(-1);
  if (last === undefined || last.kind === 'stump') return 0;
  const stump = { kind: 'stump', actor: '', action: '', ids: '', detail: hasher.seal(last), code: null } as const;
  await transact(parts, table, async (trx) => {
    if (table === 'audit' && chain === chainOfChanges) await forgetPersons(trx.db, appid, old);
    const ofChain = linesOf(trx, table);
    await ofChain
      .updateTable(table)
      .set({ ...stump, request_id: '' })
      .where('appid', '=', appid)
      .where('chain', '=', chain)
      .where('sequence', '=', last.sequence)
      .execute();
    await ofChain
      .deleteFrom(table)
      .where('appid', '=', appid)
      .where('chain', '=', chain)
      .where('sequence', '<', last.sequence)
      .execute();
  });
  return old.filter(({ kind }) => kind !== 'stump').length;
}

/** Forgets which of the lines tell of whom. */
async function forgetPersons(
  db: Kysely<Tables>,
  appid: string,
  lines: readonly Pick<AuditRow, 'ids' | 'sequence'>[],
): Promise<void> {
  const digests = lines.flatMap(({ ids }) => digestsOf(ids).persons ?? []);
  await db
    .deleteFrom('audit_persons')
    .where('appid', '=', appid)
    .where('digest', 'in', db.selectFrom(dialectOf(db).asked(JSON.stringify([...new Set(digests)]))).select('value'))
    .where('sequence', '<=', lines.at(-1)!.sequence)
    .execute();
}

function transact(
  { handles, transactions, callTransactions }: PruningParts,
  table: AuditTable,
  work: (handles: AuditHandles) => Promise<void>,
): Promise<void> {
  if (table === 'audit') return transactions.run((db) => work({ ...handles, db }));
  return callTransactions.run((calls) => work({ ...handles, calls }));
}
