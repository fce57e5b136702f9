/** Signs in at the operator's listener of an application, as a page does. */
import { digestOf, type Grant, makeToken } from '../src/auth/operators.ts';
import type { OperationName } from '../src/contract/operator/operations.ts';
import type { TestApp } from './harness.ts';

/** A signed-in operator. */
export interface OperatorClient {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly call: (name: OperationName, body: unknown) => Promise<{ readonly status: number; readonly data: any }>;
  readonly cookie: string;
  readonly forgeryToken: string;
}

/** The password of every operator of tests. */
export const operatorPassword = 'correct horse battery';

/** Makes an operator, whose name is the role and the appid, and signs in. */
export async function signIn({ app }: TestApp, grant: Grant): Promise<OperatorClient> {
  const token = makeToken();
  const name = grant.appid === null ? grant.role : `${grant.role}.${grant.appid}`;
  await app.stores.operators.addLink(digestOf(token), name, grant, Date.now());
  const post = (operation: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${app.adminUrl}/api/${operation}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const answer = await post('session.useLink', { token, password: operatorPassword });
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  const { forgeryToken } = (await answer.json()) as { forgeryToken: string };
  return {
    cookie,
    forgeryToken,
    call: async (operation, body) => {
      const response = await post(operation, body, { cookie, 'x-forgery-token': forgeryToken });
      return { status: response.status, data: await response.json() };
    },
  };
}
