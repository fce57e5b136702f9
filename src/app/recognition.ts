/** Loads the networks and fills the index while the server listens already. */
import type { FaceAnalyzer } from '../domain/face-analyzer.ts';
import type { Gallery } from '../domain/gallery.ts';
import type { IndexSize } from '../search/gallery.ts';
import { type IndexSync, type IndexSyncOptions, openIndexSync } from '../sync/index-sync.ts';

/** What recognises faces, from its beginning on. */
export interface Recognition extends AsyncDisposable {
  /** Resolves when faces are seen and all that are registered can be found; rejects if that cannot be. */
  readonly ready: Promise<IndexSize>;
  /** Undefined while the networks load. */
  analyzer(): FaceAnalyzer | undefined;
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
  openFaceAnalyzer: () => Promise<FaceAnalyzer & AsyncDisposable>,
  options: Omit<IndexSyncOptions, 'analyzer'>,
): Recognition {
  const parts = new AsyncDisposableStack();
  let opened: { readonly analyzer: FaceAnalyzer; readonly sync: IndexSync } | undefined;
  const opening = (async () => {
    const analyzer = parts.use(await openFaceAnalyzer());
    const sync = parts.use(await openIndexSync({ ...options, analyzer }));
    opened = { analyzer, sync };
    return sync;
  })();
  const ready = opening.then(async (sync) => {
    await sync.ready;
    return sync.size();
  });
  // Whoever needs it awaits `ready`; until then a failure must not end the process unheard.
  ready.catch(() => {});
  const sync = (): IndexSync => {
    if (opened === undefined) throw new Error('the networks are loading');
    return opened.sync;
  };
  return {
    ready,
    analyzer: () => opened?.analyzer,
    galleryOf: (appid) => sync().galleryOf(appid),
    check: () => sync().check(),
    async [Symbol.asyncDispose]() {
      await opening.catch(() => {});
      await parts.disposeAsync();
    },
  };
}
