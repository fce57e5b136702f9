/** Signs in at the operator's listener of an application, as a page does. */
import { digestOf, type Grant, makeToken } from '../src/auth/operators.ts';
import type { OperationName } from '../src/contract/operator/operations.ts';
import type { TestApp } from './harness.ts';

/** A signed-in operator. */
export interface OperatorClient {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly call: (name: OperationName, body: unknown) => Promise<{ readonly status: number; readonly data: any }>;
  /** Asks for an operation with pictures, by their names. */
  readonly send: (
    name: OperationName,
    input: unknown,
    pictures: Readonly<Record<string, Uint8Array>>,
    // biome-ignore lint/suspicious/noExplicitAny: as above
  ) => Promise<{ readonly status: number; readonly data: any; readonly headers: Headers }>;
  readonly cookie: string;
  readonly forgeryToken: string;
}

/** The body of an operation with pictures. */
export function uploadOf(input: unknown, pictures: Readonly<Record<string, Uint8Array>>): FormData {
  const form = new FormData();
  form.append('input', new Blob([JSON.stringify(input)]));
  for (const [name, bytes] of Object.entries(pictures)) form.append(name, new Blob([bytes as Uint8Array<ArrayBuffer>]));
  return form;
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
    send: async (operation, input, pictures) => {
      const response = await fetch(`${app.adminUrl}/api/${operation}`, {
        method: 'POST',
        headers: { cookie, 'x-forgery-token': forgeryToken },
        body: uploadOf(input, pictures),
      });
      return { status: response.status, headers: response.headers, data: await response.json() };
    },
    call: async (operation, body) => {
      const response = await post(operation, body, { cookie, 'x-forgery-token': forgeryToken });
      return { status: response.status, data: await response.json() };
    },
  };
}
