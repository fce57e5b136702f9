/** Where a test stops what comes by, so that it says itself what happens meanwhile. */

/** A gate: it stops the first who comes, and lets all others pass. */
export interface Hold {
  /** Who may be stopped awaits this. */
  readonly pass: () => Promise<void>;
  /** Resolves when somebody has been stopped. */
  readonly reached: Promise<void>;
  /** Lets whoever is stopped go on, or fail. */
  readonly end: (error?: Error) => void;
}

/** Makes a gate. */
export function hold(): Hold {
  const [reached, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // A test that fails before anybody comes does not fail for this, too.
  ended.promise.catch(() => {});
  let isFirst = true;
  return {
    async pass() {
      if (!isFirst) return;
      isFirst = false;
      reached.resolve();
      await ended.promise;
    },
    reached: reached.promise,
    end: (error) => (error === undefined ? ended.resolve() : ended.reject(error)),
  };
}
