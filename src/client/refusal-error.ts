/** The error that a refused call rejects with. */
import { refusalCodes } from './calls.ts';

/** The name of a refusal. */
export type RefusalName = keyof typeof refusalCodes;

/** A call that the server refused. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  /** The answer's code, one of {@link refusalCodes}. */
  readonly code: number;
  /** The answer's HTTP status. */
  readonly status: number;
  /** The request's id, which is also in the server's log; empty if the answer has none. */
  readonly requestId: string;
  /** The `data` of the answer: most refusals have none. */
  readonly data: unknown;

  constructor(answer: { code: number; message: string; data?: unknown }, status: number, requestId: string) {
    super(`${answer.message} (${answer.code})`);
    this.code = answer.code;
    this.status = status;
    this.requestId = requestId;
    this.data = answer.data;
  }

  /** Whether it is this refusal: `error.is('personExists')`. */
  is(name: RefusalName): boolean {
    return this.code === refusalCodes[name];
  }
}
