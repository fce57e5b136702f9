/** Loads the networks and the galleries while the server listens already. */
import type { FaceAnalyzer } from '../domain/face-analyzer.ts';
import type { Gallery } from '../domain/gallery.ts';
import { Refusal } from '../errors/refusals.ts';
import type { SearchActivity } from '../search/gallery.ts';
import { type HeldSize, type IndexSync, type IndexSyncOptions, openIndexSync } from '../sync/index-sync.ts';

/** Face analysis and search. Until they are loaded, what needs them is refused as `unavailable`. */
export interface Recognition extends AsyncDisposable {
  /** Resolves when faces are analysed and as many are in memory as there is room for; rejects if that cannot be. */
  readonly ready: Promise<HeldSize>;
  readonly analyzer: FaceAnalyzer;
  /** The faces of an appid, as they can be searched. */
  galleryOf(appid: string): Gallery;
  /** @throws Error with the reason why faces cannot be recognised, for the operator. */
  check(): void;
  /** What is loaded so far, for metrics; undefined while the networks are loading. */
  state(): RecognitionState | undefined;
}

/** What is loaded. */
export interface RecognitionState {
  readonly model: string;
  readonly index: HeldSize;
  readonly searches: SearchActivity;
  /** Up to where galleries in memory have seen the changes of their registries, by appid. */
  readonly positions: ReadonlyMap<string, number>;
  readonly processes: { readonly present: number; readonly lost: number } | undefined;
}

/** Face analysis that has to be closed. */
export interface OpenedAnalyzer extends FaceAnalyzer, AsyncDisposable {
  /** @throws the reason why no picture can be analysed at the moment. */
  check?(): void;
  /** How many processes analyse pictures, and how many were lost. */
  processes?(): { readonly present: number; readonly lost: number };
}

/** Begins to load the networks, and then the faces that are registered. */
export function beginRecognition(
  openFaceAnalyzer: () => Promise<OpenedAnalyzer>,
  options: Omit<IndexSyncOptions, 'analyzer'>,
): Recognition {
  const parts = new AsyncDisposableStack();
  let opened: { readonly analyzer: OpenedAnalyzer; readonly sync: IndexSync } | undefined;
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
  // Callers await `ready`; until then a failure must not end the process as an unhandled rejection.
  ready.catch(() => {});
  const loaded = () => {
    if (opened === undefined) throw new Refusal('unavailable', 'the networks are loading');
    return opened;
  };
  return {
    ready,
    analyzer: {
      get model() {
        return loaded().analyzer.model;
      },
      get dimension() {
        return loaded().analyzer.dimension;
      },
      analyze: async (picture, options) => loaded().analyzer.analyze(picture, options),
      areCopies: async (crop, others, options) => loaded().analyzer.areCopies(crop, others, options),
      compare: (a, b) => loaded().analyzer.compare(a, b),
      scoreOf: (cosine) => loaded().analyzer.scoreOf(cosine),
    },
    galleryOf: (appid) => ({
      nearest: async (query) => loaded().sync.galleryOf(appid).nearest(query),
    }),
    check() {
      const { analyzer, sync } = loaded();
      analyzer.check?.();
      sync.check();
    },
    state() {
      if (opened === undefined) return undefined;
      const { analyzer, sync } = opened;
      return {
        model: analyzer.model,
        index: sync.size(),
        searches: sync.searches(),
        positions: sync.positions(),
        processes: analyzer.processes?.(),
      };
    },
    async [Symbol.asyncDispose]() {
      await opening.catch(() => {});
      await parts.disposeAsync();
    },
  };
}
