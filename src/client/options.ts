/** What each call of the client may be given besides its input. */

/** How one call is made. */
export interface CallOptions {
  /** Ends the call early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
