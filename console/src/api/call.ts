/** Calls of the operator's API. What they take and answer is derived from the server's own declarations. */
import type { z } from 'zod';
import type { OperationErrorCode } from '../../../src/contract/operator/operation.ts';
import type { OperationName, operations } from '../../../src/contract/operator/operations.ts';

type Declared<N extends OperationName> = (typeof operations)[N];

/** What an operation takes. */
export type Input<N extends OperationName> = z.input<Declared<N>['input']>;
/** What it answers. */
export type Output<N extends OperationName> = z.output<Declared<N>['output']>;
export type { OperationName };

/**
 * Why there is no answer; `offline` if the server cannot be reached, and `unanswered` if it could not when it was asked to change something,
 * which it may have done.
 */
export type ErrorCode = OperationErrorCode | 'offline' | 'unanswered';

/** An operation was not done. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: ErrorCode;
  /** When it is worth trying again, in seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

let forgeryToken: string | undefined;

/** The token of the session that this page is of; undefined before it was told. */
export function forgeryTokenOf(): string | undefined {
  return forgeryToken;
}

function formOf(input: object, pictures: Readonly<Record<string, Blob>>): FormData {
  const form = new FormData();
  form.append('input', new Blob([JSON.stringify(input)], { type: 'application/json' }));
  for (const [name, picture] of Object.entries(pictures)) form.append(name, picture);
  return form;
}

/** The pictures that an operation takes, by their names. */
export type Pictures<N extends OperationName> =
  Declared<N> extends { readonly pictures: readonly (infer P extends string)[] }
    ? Readonly<Record<P, Blob>>
    : undefined;

/** The operations that take pictures. */
export type PictureOperationName = {
  [N in OperationName]: Pictures<N> extends undefined ? never : N;
}[OperationName];

/**
 * Asks for an operation.
 * @param pictures those that it takes.
 * @throws CallError.
 */
export async function call<N extends OperationName>(
  name: N,
  input: Input<N>,
  pictures?: Pictures<N>,
  signal?: AbortSignal,
): Promise<Output<N>> {
  const response = await fetch(`/api/${name}`, {
    method: 'POST',
    headers: {
      // The type of a form names its boundary: the browser writes it.
      ...(pictures === undefined && { 'content-type': 'application/json' }),
      ...(forgeryToken !== undefined && { 'x-forgery-token': forgeryToken }),
    },
    body: pictures === undefined ? JSON.stringify(input) : formOf(input, pictures),
    ...(signal !== undefined && { signal }),
  }).catch((error: Error) => {
    throw new CallError('offline', error.message);
  });
  // What is no JSON comes from a proxy before a server that is not there.
  const answer = (await response.json().catch((error: Error) => {
    throw signal?.aborted ? error : new CallError('offline', `${response.status} ${response.statusText}`);
  })) as { error?: { code: OperationErrorCode; message: string } };
  if (!response.ok) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const { code = 'fault', message = response.statusText } = answer.error ?? {};
    throw new CallError(code, message, Number.isNaN(seconds) ? undefined : seconds);
  }
  // The answers that begin a session, and the one that shows it, tell the token that each further request has to send.
  if ('forgeryToken' in answer) forgeryToken = String(answer.forgeryToken);
  return answer as Output<N>;
}
