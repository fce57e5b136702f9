/** A listener of operators over a store in memory, for tests of who may do what. */
import assert from 'node:assert/strict';
import { pino } from 'pino';
import { passkeyHandlers } from '../../src/app/operator/api/passkeys.ts';
import { sessionHandlers } from '../../src/app/operator/api/session.ts';
import { sessionBeginnings } from '../../src/app/operator/api/sessions.ts';
import { digestOf, type Grant, makeToken } from '../../src/auth/operators.ts';
import type { OperationHandlers } from '../../src/http/admin/api.ts';
import { openAdminServer } from '../../src/http/admin/server.ts';
import { apiOf, mapOperators } from './map-operators.ts';

/** The password of all who join. */
export const password = 'correct horse battery';
/** What an owner of everything may. */
export const everything: Grant = { role: 'owner', appid: null };

/** A session, as a page has it. */
export interface Client {
  readonly cookie: string;
  readonly forgeryToken: string;
}

/**
 * Opens a listener whose clock is set by hand, with sessions, and keys that only say which appid they were asked for.
 * @param more handlers beside those.
 */
export async function openListener(more: Partial<OperationHandlers> = {}) {
  const operators = mapOperators();
  const clock = { ms: 1_000_000 };
  const beginnings = sessionBeginnings(operators, () => clock.ms);
  const api = apiOf(
    {
      ...sessionHandlers(beginnings),
      ...passkeyHandlers(beginnings),
      'keys.list': async ({ appid }) => ({ keys: [{ secretId: `of ${appid}`, appid, createdAt: 1, revokedAt: null }] }),
      'tenants.set': async () => ({}),
      'keys.revoke': async () => ({}),
      ...more,
    },
    operators,
  );
  const log = pino({ level: 'silent' });
  const metrics = { scrape: async () => '', contentType: 'text/plain' };
  const admin = await openAdminServer(
    { metrics, pages: async () => ({ api, files: new Map() }), log },
    { host: '127.0.0.1', port: 0, mayMove: false },
  );
  const ask = async (name: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${admin.url}/api/${name}`, {
      method: 'POST',
      // Fetch writes the type of a form, which names its boundary.
      body: body instanceof FormData ? body : JSON.stringify(body),
      headers: { ...(!(body instanceof FormData) && { 'content-type': 'application/json' }), ...headers },
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
    return { status: response.status, headers: response.headers, data: (await response.json()) as any };
  };
  const as = (client: Client) => ({ cookie: client.cookie, 'x-forgery-token': client.forgeryToken });
  const join = async (name: string, grant: Grant): Promise<Client> => {
    const token = makeToken();
    await operators.addLink(digestOf(token), name, grant, clock.ms);
    const { status, headers, data } = await ask('session.useLink', { token, password });
    assert.equal(status, 200, JSON.stringify(data));
    return { cookie: headers.get('set-cookie')!.split(';')[0]!, forgeryToken: data.forgeryToken };
  };
  return { url: admin.url, ask, as, join, operators, clock, [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose]() };
}
