/** Loads the networks and the galleries while the server listens already. */
import { Refusal } from '../errors/refusals.ts';
import type { Recogniser } from '../http/call.ts';
import type { SearchActivity } from '../search/gallery.ts';
import type { PackState } from '../store/open.ts';
import type { HeldSize } from '../sync/index-sync.ts';
import type { NamedPacks } from './packs/named-packs.ts';
import type { OpenedAnalyzer } from './packs/opened-analyzer.ts';
import { PackSwitch, type SwitchOptions } from './packs/pack-switch.ts';
import { followUpgrades } from './packs/upgrade.ts';

/** Face analysis and search. Until they are loaded, what needs them is refused as `unavailable`. */
export interface Recognition extends AsyncDisposable {
  /** Resolves when faces are analysed and as many are in memory as there is room for; rejects if that cannot be. */
  readonly ready: Promise<HeldSize>;
  /** What a call that begins now works with: the pack that is in use. */
  recogniser(): Recogniser | Promise<Recogniser>;
  /** The packs of the installation; undefined while the networks are loading, and where there is one model alone. */
  named(): NamedPacks | undefined;
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
  /** The packs of the register, as they were a second ago. */
  readonly packs: readonly PackState[];
}

/** What recognition is begun with. */
export interface RecognitionOptions extends SwitchOptions {
  /** How many faces are converted at once, when nothing else is to do. */
  readonly workers: number;
  /** Called with the name of the pack that has come to be in use. */
  readonly onSwitched: (name: string) => Promise<void>;
}

/** Begins to load the networks, and then the faces that are registered. */
export function beginRecognition(
  openFaceAnalyzer: () => Promise<OpenedAnalyzer>,
  { workers, onSwitched, ...options }: RecognitionOptions,
): Recognition {
  const parts = new AsyncDisposableStack();
  let opened: { readonly analyzer: OpenedAnalyzer; readonly packs: PackSwitch } | undefined;
  const opening = (async () => {
    const analyzer = parts.use(await openFaceAnalyzer());
    const packs = parts.use(await PackSwitch.open(analyzer, options));
    if (analyzer.packs !== undefined) {
      const { stores, onFault } = options;
      parts.use(followUpgrades({ packs, named: analyzer.packs, stores, workers, onSwitched, onFault }));
    }
    opened = { analyzer, packs };
    return packs;
  })();
  const ready = opening.then(async ({ sync }) => {
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
    recogniser: () => opened?.packs.recogniser() ?? notLoaded,
    named: () => opened?.analyzer.packs,
    check() {
      loaded().packs.check();
    },
    state() {
      if (opened === undefined) return undefined;
      const { analyzer, packs } = opened;
      const { sync, model, states } = packs;
      return {
        model,
        index: sync.size(),
        searches: sync.searches(),
        positions: sync.positions(),
        processes: analyzer.processes?.(),
        packs: states,
      };
    },
    async [Symbol.asyncDispose]() {
      await opening.catch(() => {});
      await parts.disposeAsync();
    },
  };
}

/** Refuses what needs networks, when it comes to that: what a call may be refused for before comes first. */
const notLoaded: Recogniser = {
  analyzer: {
    get model(): never {
      return refuse();
    },
    get dimension(): never {
      return refuse();
    },
    analyze: async () => refuse(),
    areCopies: async () => refuse(),
    compare: refuse,
    scoreOf: refuse,
  },
  galleryOf: () => ({ nearest: async () => refuse() }),
};

function refuse(): never {
  throw new Refusal('unavailable', 'the networks are loading');
}
