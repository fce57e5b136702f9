/** The table of the calls that changed nothing and are in the audit. Never edited once released. */
import type { Kysely } from 'kysely';
import { makeLines } from '../audit-lines.ts';

/** Makes the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeLines(db, 'audit_of_calls');
}
