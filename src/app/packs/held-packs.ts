/** The faces of packs in memory: of the one in use, of the one that is about to be, and of those that calls may still search. */
import type { WrittenChanges } from '../../sync/change-feed.ts';
import { type IndexSync, type IndexSyncOptions, openIndexSync } from '../../sync/index-sync.ts';

/** A call that began with a pack is over after so long, in milliseconds: then its faces leave memory. */
const callsMaxMs = 60_000;

/** What the index of each pack is opened with; all together have the budget of memory. */
export type HeldOptions = Omit<IndexSyncOptions, 'analyzer' | 'bytesMax'> & { readonly bytesMax: number };

/** The model of a pack. */
type Model = IndexSyncOptions['analyzer'];

/** The faces of one pack. */
export interface HeldPack {
  readonly sync: IndexSync;
  /** Whether as many faces are in memory as there is room for. */
  isReady: boolean;
  /** When it was needed last. */
  neededAt: number;
  /** Follows a registry that this process wrote to, or has heard of. */
  readonly follow: (appid: string, written?: WrittenChanges) => Promise<void>;
}

/** The faces of all packs that are in memory, by their models. */
export class HeldPacks implements AsyncDisposable {
  readonly #options: HeldOptions;
  readonly #now: () => number;
  readonly #onTakenOut: (model: string) => void;
  readonly #opening = new Map<string, Promise<HeldPack>>();
  readonly #opened = new Map<string, HeldPack>();
  /** Those that others were opened in the place of, while calls may still search them. */
  readonly #replaced = new Set<HeldPack>();

  /** @param onTakenOut told of each model whose faces no call is to begin with any more. */
  constructor(options: HeldOptions, now: () => number, onTakenOut: (model: string) => void) {
    this.#options = options;
    this.#now = now;
    this.#onTakenOut = onTakenOut;
  }

  /** The faces of a model; any others if they are not in memory. */
  syncOf(model: string): IndexSync {
    const [any] = this.#opened.values();
    return (this.#opened.get(model) ?? any)!.sync;
  }

  /** Follows a registry that this process wrote to, or has heard of. */
  async follow(appid: string, written?: WrittenChanges): Promise<void> {
    await Promise.all([...this.#opened.values()].map(({ follow }) => follow(appid, written)));
  }

  /** The faces of a model, which begin to be read into memory unless they are there. */
  hold(analyzer: Model): Promise<HeldPack> {
    const known = this.#opening.get(analyzer.model);
    if (known !== undefined) return known;
    const opening = this.#open(analyzer);
    this.#opening.set(analyzer.model, opening);
    opening.catch(() => this.#opening.delete(analyzer.model));
    return opening;
  }

  /** Has the faces of a model be read anew when they are needed next. */
  replace(model: string): void {
    const held = this.#takeOut(model);
    if (held !== undefined) this.#replaced.add(held);
  }

  /** Lets go of what is not needed any more and no call searches. */
  async tidy(needed: ReadonlySet<string>): Promise<void> {
    const now = this.#now();
    const isOver = ({ neededAt }: HeldPack): boolean => now - neededAt > callsMaxMs;
    const over: HeldPack[] = [];
    for (const [model, held] of this.#opened) {
      if (needed.has(model) || needed.size === 0) held.neededAt = now;
      else if (isOver(held)) over.push(this.#takeOut(model)!);
    }
    for (const held of this.#replaced) {
      if (isOver(held) && this.#replaced.delete(held)) over.push(held);
    }
    for (const { sync } of over) await sync[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opening of [...this.#opening.values()]) await opening.catch(() => {});
    for (const { sync } of [...this.#opened.values(), ...this.#replaced]) await sync[Symbol.asyncDispose]();
  }

  #takeOut(model: string): HeldPack | undefined {
    const held = this.#opened.get(model);
    if (held === undefined) return undefined;
    this.#opened.delete(model);
    this.#opening.delete(model);
    this.#onTakenOut(model);
    return held;
  }

  async #open({ model, dimension }: Model): Promise<HeldPack> {
    const { stores, bytesMax, ...options } = this.#options;
    let follow: HeldPack['follow'] = async () => {};
    const sync = await openIndexSync({
      ...options,
      analyzer: { model, dimension },
      // What is opened later has what those before leave.
      bytesMax: () => bytesMax - this.#bytesBeside(model),
      stores: {
        ...stores,
        watch(given) {
          follow = given;
        },
      },
    });
    const held: HeldPack = {
      sync,
      isReady: false,
      neededAt: this.#now(),
      follow: (appid, written) => follow(appid, written),
    };
    this.#opened.set(model, held);
    sync.ready.then(
      () => {
        held.isReady = true;
      },
      () => {},
    );
    return held;
  }

  #bytesBeside(model: string): number {
    let bytes = 0;
    for (const [other, { sync }] of this.#opened) if (other !== model) bytes += sync.size().sharedBytes;
    for (const { sync } of this.#replaced) bytes += sync.size().sharedBytes;
    return bytes;
  }
}
