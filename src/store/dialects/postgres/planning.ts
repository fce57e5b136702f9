/** What PostgreSQL's planner is told where it would not see what is best. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../tables.ts';

/** Parameters of PostgreSQL's. */
export type Parameters = Readonly<Record<string, string>>;

/** For many small queries, each of which finds its rows by indexes. */
export const lookUps = {
  enable_nestloop: 'on',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  enable_sort: 'on',
  // Compiling a statement that reads a thousand rows takes longer than to run it.
  jit: 'off',
} as const;

/** For queries that one process answers faster than others are started. */
export const alone = { max_parallel_workers_per_gather: '0' } as const;

/** For what is read from one end to the other, in the order of an index: tables are joined side by side, and not looked up in. */
export const inOrder = {
  enable_nestloop: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'on',
  jit: 'off',
  ...alone,
} as const;

/** Has Citus tell the machines that it asks what a transaction sets; elsewhere nobody knows it. */
const forAllMachines = { 'citus.propagate_set_commands': 'local' } as const;

/** Plans by these parameters until the transaction ends. */
export async function planBy(trx: Kysely<Tables>, parameters: Parameters): Promise<void> {
  await sql.raw(statementsOf('set local', { ...forAllMachines, ...parameters })).execute(trx);
}

/** The statement that has a connection plan by these parameters as long as it lasts. */
export function planningOf(parameters: Parameters): string {
  return statementsOf('set', parameters);
}

function statementsOf(set: string, parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${set} ${name} = '${value}'`)
    .join('; ');
}
