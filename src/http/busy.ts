/** The refusal of a call for which there is no room now. */
import { Refusal } from '../errors/refusals.ts';

/** There is no room for a call now; the same call may be sent again later. */
export class Busy extends Refusal {
  /**
   * @param what there is too much of, for the caller.
   * @param retryAfterSeconds when it is worth trying again, in whole seconds from now; at least 1.
   */
  constructor(what: string, retryAfterSeconds = 1) {
    super('tooManyRequests', what, { retryAfterSeconds });
  }
}
