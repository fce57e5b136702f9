/** How what is kept of operators is changed, and what their parts have in common. */
import type { Kysely } from 'kysely';
import type { Operator, Role } from '../../auth/operators.ts';
import { orStorageFailed } from '../access.ts';
import { type AuditTrail, installation } from '../audit/trail.ts';
import type { Transactions } from '../database.ts';
import type { OperatorRow, Tables } from '../tables.ts';

/** Changes operators, their links, sessions and passkeys. */
export class OperatorChanges {
  readonly #transactions: Pick<Transactions, 'run'>;
  readonly #audit: Pick<AuditTrail, 'noteAlone'>;

  constructor(transactions: Pick<Transactions, 'run'>, audit: Pick<AuditTrail, 'noteAlone'>) {
    this.#transactions = transactions;
    this.#audit = audit;
  }

  /** Runs `work` in a transaction. @throws Refusal `storageFailed`. */
  write<T>(work: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
    return orStorageFailed(this.#transactions.run((trx) => work(trx as Kysely<Tables>)));
  }

  /** Tells the audit of a change. Names of operators are in it, as the accounts that act. */
  note(trx: Kysely<Tables>, action: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#audit.noteAlone(trx, installation, { action, detail });
  }
}

/** The columns of operators that others may see. */
export function selectOperators(db: Kysely<Tables>) {
  return db.selectFrom('operators').select(['operators.name', 'role', 'appid', 'created_at']);
}

/** An operator as its row tells it. */
export function operatorOf({ name, role, appid, created_at }: Omit<OperatorRow, 'password'>): Operator {
  return { name, role: role as Role, appid, createdAt: created_at };
}

/** Ends every session of an operator. */
export async function endSessions(trx: Kysely<Tables>, operator: string): Promise<void> {
  await trx.deleteFrom('operator_sessions').where('operator', '=', operator).execute();
}

/** Removes every passkey of an operator. */
export async function removePasskeys(trx: Kysely<Tables>, operator: string): Promise<void> {
  await trx.deleteFrom('operator_passkeys').where('operator', '=', operator).execute();
}
