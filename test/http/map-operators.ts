/** Operators in memory, for tests of what is above the store. */
import type { Grant, Operator, OperatorStore } from '../../src/auth/operators.ts';
import type { Passkey } from '../../src/auth/passkeys.ts';
import { createBudget } from '../../src/concurrency/budget.ts';
import type { OperationHandlers, OperatorApi } from '../../src/http/admin/api.ts';

interface Link {
  readonly name: string;
  readonly grant: Grant;
}

/** Nothing ends by time. */
export function mapOperators(): OperatorStore {
  const operators = new Map<string, Operator & { readonly password: string }>();
  const links = new Map<string, Link>();
  const sessions = new Map<string, string>();
  const passkeys = new Map<string, Passkey>();
  const endSessions = async (name: string): Promise<void> => {
    for (const [digest, of] of sessions) if (of === name) sessions.delete(digest);
  };
  const seen = (name: string): Operator | undefined => {
    const found = operators.get(name);
    if (found === undefined) return undefined;
    const { password: _, ...operator } = found;
    return operator;
  };
  return {
    list: async () => [...operators.keys()].toSorted().map((name) => seen(name)!),
    passwordOf: async (name) => operators.get(name)?.password,
    setGrant: async (name, grant) => {
      const found = operators.get(name);
      if (found !== undefined) operators.set(name, { ...found, ...grant });
      await endSessions(name);
      return found !== undefined;
    },
    remove: async (name) => {
      await endSessions(name);
      return operators.delete(name);
    },
    addLink: async (digest, name, grant) => void links.set(digest, { name, grant }),
    findLink: async (digest) => links.get(digest)?.name,
    useLink: async (digest, password, now) => {
      const link = links.get(digest);
      if (link === undefined) return undefined;
      links.delete(digest);
      operators.set(link.name, { name: link.name, ...link.grant, createdAt: now, password });
      await endSessions(link.name);
      return seen(link.name);
    },
    addSession: async (digest, name) => void sessions.set(digest, name),
    findSession: async (digest) => {
      const operator = seen(sessions.get(digest) ?? '');
      return operator && { operator, signedInAt: 0 };
    },
    endSession: async (digest) => void sessions.delete(digest),
    endSessions,
    passkeysOf: async (name) => [...passkeys.values()].filter(({ operator }) => operator === name),
    findPasskey: async (id) => passkeys.get(id),
    addPasskey: async (passkey) => {
      if (passkeys.has(passkey.id) || !operators.has(passkey.operator)) return false;
      passkeys.set(passkey.id, passkey);
      return true;
    },
    usePasskey: async (id, counter, now) => {
      const found = passkeys.get(id);
      if (found === undefined || (found.counter >= counter && found.counter > 0)) return false;
      passkeys.set(id, { ...found, counter, usedAt: now });
      return true;
    },
    removePasskey: async (name, id) => passkeys.get(id)?.operator === name && passkeys.delete(id),
  };
}

/** An API with these handlers, the others of which refuse to be called. */
export function apiOf(handlers: Partial<OperationHandlers> = {}, operators = mapOperators()): OperatorApi {
  const memory = createBudget(150_000);
  return {
    operators,
    handlers: handlers as OperationHandlers,
    actingAs: (_act, work) => work(),
    cropOf: async () => undefined,
    now: Date.now,
    uploads: {
      bodyLimits: { bytesMax: 100_000, rateMin: 0 },
      lease: () => memory.lease('operators'),
    },
  };
}
