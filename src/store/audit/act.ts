/** Who acts at the moment, where no call of the face API does. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { userInfo } from 'node:os';
import type { Act } from '../../domain/stores.ts';

const acts = new AsyncLocalStorage<Act>();

/** Does work, and whatever it begins, on behalf of somebody: changes that no call makes are listed under that name. */
export function actingAs<T>(act: Act, work: () => T): T {
  return acts.run(act, work);
}

/** Who acts now: as {@link actingAs} says, else the program by itself. */
export function currentAct(): Act {
  return acts.getStore() ?? { kind: 'server', actor: accountName(), action: 'open', requestId: '' };
}

/** The account that this process runs under: its name, or its number where it has none. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
