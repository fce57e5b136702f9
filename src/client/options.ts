/** The options of a single call of the client. */

/** The options of one call. */
export interface CallOptions {
  /** Cancels the call: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
