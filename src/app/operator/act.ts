/** Who an operator is, as the audit tells it. */
import { randomUUID } from 'node:crypto';
import { accountName, actingAs } from '../../store/audit/act.ts';

/** Runs a command on behalf of the person who gave it; what it changes is told of in the audit under that account. */
export function actingByCommand<T>(command: string, work: () => T): T {
  const kind = command === 'serve' ? 'server' : 'operator';
  return actingAs({ kind, actor: accountName(), action: command, requestId: randomUUID() }, work);
}
