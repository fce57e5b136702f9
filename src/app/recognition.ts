/** Loads the networks and fills the index while the server listens already. */
import type { Eyes } from '../domain/eyes.ts';
import type { Gallery } from '../domain/gallery.ts';
import type { IndexSize } from '../search/gallery.ts';
import { type Follower, type FollowerOptions, openFollower } from './follower.ts';

/** What recognises faces, from its beginning on. */
export interface Recognition extends AsyncDisposable {
  /** Resolves when faces are seen and all that are registered can be found; rejects if that cannot be. */
  readonly ready: Promise<IndexSize>;
  /** Undefined while the networks load. */
  eyes(): Eyes | undefined;
  /**
   * The faces of an appid, as they can be searched.
   * @throws Error while the networks load.
   */
  galleryOf(appid: string): Gallery;
  /** @throws Error that tells the operator why faces cannot be recognised. */
  check(): void;
}

/** Begins to open the eyes, and then to fill an index with what they saw before. */
export function beginRecognition(
  openEyes: () => Promise<Eyes & AsyncDisposable>,
  options: Omit<FollowerOptions, 'eyes'>,
): Recognition {
  const parts = new AsyncDisposableStack();
  let opened: { readonly eyes: Eyes; readonly follower: Follower } | undefined;
  const opening = (async () => {
    const eyes = parts.use(await openEyes());
    const follower = parts.use(await openFollower({ ...options, eyes }));
    opened = { eyes, follower };
    return follower;
  })();
  const ready = opening.then(async (follower) => {
    await follower.ready;
    return follower.size();
  });
  // Whoever needs it awaits `ready`; until then a failure must not end the process unheard.
  ready.catch(() => {});
  const follower = (): Follower => {
    if (opened === undefined) throw new Error('the networks are loading');
    return opened.follower;
  };
  return {
    ready,
    eyes: () => opened?.eyes,
    galleryOf: (appid) => follower().galleryOf(appid),
    check: () => follower().check(),
    async [Symbol.asyncDispose]() {
      await opening.catch(() => {});
      await parts.disposeAsync();
    },
  };
}
