/** Why an operation of the operator's API was not done. */
import type { OperationErrorCode } from '../../contract/operator/operation.ts';

/** Says why an operation was not done; nothing was changed. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code: OperationErrorCode;
  /** When it is worth trying again, in whole seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: OperationErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
