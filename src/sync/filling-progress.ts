/** Tells how far the index is filled. */
import type { ChangeFeeds } from './change-feed.ts';

/** The time between two calls of {@link OnProgress}, in milliseconds. */
const progressMs = 100;

/** Called with how many of how many faces can be found. */
export type OnProgress = (done: number, total: number) => void;

/** Calls {@link OnProgress} from time to time, and once more when it is disposed of. */
export interface FillingProgress extends Disposable {
  /** Resolves when all faces have been counted, or cannot be; the filling does not wait for it. */
  readonly counted: Promise<void>;
}

/**
 * Begins the reports. The first comes when all faces have been counted.
 * @param done how many faces can be found.
 */
export function tellProgress(
  stores: ChangeFeeds,
  model: string,
  done: () => number,
  onProgress: OnProgress,
): FillingProgress {
  let total = 0;
  const tell = (): void => {
    if (total > 0) onProgress(Math.min(done(), total), total);
  };
  const timer = setInterval(tell, progressMs).unref();
  const counted = stores.countFaces(model).then(
    (faces) => {
      total = faces;
    },
    () => {},
  );
  return {
    counted,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      tell();
    },
  };
}
