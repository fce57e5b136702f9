/**
 * Face analysis and search by the pack that is in use at the moment of each call, while the register is upgraded to another one.
 * A call has one pack from its beginning to its end: what it analyses, searches and compares is of one model.
 */
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { Gallery } from '../../domain/gallery.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { Recogniser } from '../../http/call.ts';
import { type PackState, packsReliableMs, type Stores } from '../../store/open.ts';
import type { IndexSync } from '../../sync/index-sync.ts';
import { type HeldOptions, HeldPacks } from './held-packs.ts';
import type { NamedPacks } from './named-packs.ts';
import type { OpenedAnalyzer } from './opened-analyzer.ts';

/** What the index of each pack is opened with. */
export type SwitchOptions = Omit<HeldOptions, 'stores'> & { readonly stores: Stores };

/** Which pack a call has. */
interface View extends Recogniser {
  readonly name: string;
  readonly model: string;
}

/** Knows the packs of the register, and holds what calls need of them. */
export class PackSwitch implements AsyncDisposable {
  readonly #analyzer: OpenedAnalyzer;
  readonly #packs: NamedPacks | undefined;
  readonly #options: SwitchOptions;
  readonly #now: () => number;
  readonly #held: HeldPacks;
  #states: readonly PackState[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** What calls need to know of {@link #states}, and the view that it leads to. */
  #key = '';
  #view: { readonly key: string; readonly view: View } | undefined;

  /**
   * Opens it with the pack that is in use.
   * @throws Error for the operator if a pack that faces must be embedded by is not installed here, or is another version.
   */
  static async open(analyzer: OpenedAnalyzer, options: SwitchOptions): Promise<PackSwitch> {
    const packs = new PackSwitch(analyzer, options);
    options.stores.watch((appid, written) => packs.#held.follow(appid, written));
    await packs.#read();
    await packs.#checkKept();
    // Whoever waits for the faces waits for these.
    await packs.#held.hold(analyzer);
    return packs;
  }

  private constructor(analyzer: OpenedAnalyzer, options: SwitchOptions) {
    this.#analyzer = analyzer;
    this.#packs = analyzer.packs;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#held = new HeldPacks(options, this.#now, (model) => {
      // A server that nobody calls may come back to the same packs without having made another view.
      if (this.#view?.view.model === model) this.#view = undefined;
    });
  }

  /** What calls that begin now work with. It is known at once, unless an upgrade is under way or nobody has asked for long. */
  recogniser(): Recogniser | Promise<Recogniser> {
    const current = this.#isReliable() && this.#view?.key === this.#key ? this.#view.view : undefined;
    return current ?? this.#recogniserNow();
  }

  /** The packs as they were when they were read last. */
  get states(): readonly PackState[] {
    return this.#states;
  }

  /** The faces in memory of the pack in use; until they are there, those of the one before. */
  get sync(): IndexSync {
    return this.#held.syncOf(this.model);
  }

  /** The model of the pack in use, as far as is known. */
  get model(): string {
    const used = this.#packs && this.#states.find(({ state }) => state === 'in use');
    return used?.model ?? this.#analyzer.model;
  }

  /** Reads the packs. @throws what reading throws. */
  async refresh(): Promise<readonly PackState[]> {
    await this.#read();
    return this.#states;
  }

  /** Reads the faces of a pack into memory, as far as there is room; true once they are. */
  async prepare(name: string): Promise<boolean> {
    if (this.#packs === undefined) return true;
    return (await this.#held.hold(await this.#packs.modelOf(name))).isReady;
  }

  /**
   * Has the faces of a pack be read anew the next time, where some are in memory that nobody tells of changes: the pack was
   * given up, or pruned, and is upgraded to again.
   */
  async forget(name: string): Promise<void> {
    if (this.#packs === undefined) return;
    const { model } = await this.#packs.modelOf(name);
    if (model !== this.model) this.#held.replace(model);
  }

  /** Lets go of the faces of packs that are neither in use nor about to be. */
  async tidy(): Promise<void> {
    const needed = new Set(
      this.#states.flatMap(({ model, state, upgrade }) =>
        state === 'in use' || upgrade?.phase === 'complete' ? (model ?? []) : [],
      ),
    );
    await this.#held.tidy(needed);
  }

  /** @throws Error that tells the operator why calls cannot be answered. */
  check(): void {
    this.#analyzer.check?.();
    this.sync.check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reading.catch(() => {});
    await this.#held[Symbol.asyncDispose]();
  }

  /** A pack that is kept is kept up by this server, too; one of an older version of the program cannot be any more. */
  async #checkKept(): Promise<void> {
    if (this.#packs === undefined) return;
    const { packs } = this.#options.stores;
    for (const { name, model, state, isRequired } of this.#states) {
      if (state === 'in use' || !isRequired || model === null) continue;
      const here = await this.#packs.modelOf(name).catch((cause: Error) => {
        throw new Error(
          `every new face needs an embedding of the pack ${name}, which cannot be used here: ${cause.message} ${wayOut(state)}`,
          { cause },
        );
      });
      if (here.model === model) continue;
      if (packs.isShared || state !== 'kept') {
        throw new Error(
          `the pack ${name} here is another version than the one of which the register keeps embeddings: ${wayOut(state)}`,
        );
      }
      await packs.upgrades.release(name);
    }
    await this.#read();
  }

  async #recogniserNow(): Promise<Recogniser> {
    // Who cannot read them goes on with what is known: what such a call asks of the register is refused anyway.
    if (!this.#isReliable()) await inTime(this.#readOnce().catch(() => {}));
    const key = this.#key;
    if (this.#view?.key === key) return this.#view.view;
    const view = await this.#viewOf(this.#states);
    this.#view = { key, view };
    return view;
  }

  async #viewOf(states: readonly PackState[]): Promise<View> {
    const used = states.find(({ state }) => state === 'in use');
    if (this.#packs === undefined || used === undefined || used.model === null) {
      return this.#viewBy(used?.name ?? '', this.#analyzer);
    }
    const further = states.filter((pack) => pack !== used && pack.model !== null && pack.isRequired);
    try {
      const analyzer = await this.#packs.using(
        used.name,
        further.map(({ name }) => name),
      );
      if (analyzer.model !== used.model)
        throw new Error(`the pack ${used.name} here is another version than that of the others`);
      return await this.#viewBy(used.name, { ...analyzer, embedCrop: this.#embedCrop });
    } catch (cause) {
      throw new Refusal('unavailable', (cause as Error).message, { cause });
    }
  }

  /** Embeds a crop by packs that the register has come to need since a call began. */
  readonly #embedCrop: NonNullable<FaceAnalyzer['embedCrop']> = async (crop, models, turn) => {
    const states = await this.refresh();
    const names = models.map((model) => states.find((pack) => pack.model === model)?.name ?? '');
    const [first, ...others] = names;
    if (this.#packs === undefined || first === undefined) return [];
    const analyzer = await this.#packs.using(first, others);
    return analyzer.embedCrop!(crop, models, turn);
  };

  async #viewBy(name: string, analyzer: Recogniser['analyzer']): Promise<View> {
    const { sync } = await this.#held.hold(analyzer);
    const galleryOf = (appid: string): Gallery => sync.galleryOf(appid);
    return { name, model: analyzer.model, analyzer, galleryOf };
  }

  #isReliable(): boolean {
    // Where there is one model alone nothing changes.
    if (this.#packs === undefined) return this.#readAt > Number.NEGATIVE_INFINITY;
    const isQuiet = this.#states.every(({ upgrade }) => upgrade === undefined);
    return isQuiet && this.#now() - this.#readAt < packsReliableMs;
  }

  /** Reads once for all who ask while a reading is under way. */
  #readOnce(): Promise<void> {
    this.#next ??= this.#reading = this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#read();
      });
    return this.#next;
  }

  async #read(): Promise<void> {
    const asked = this.#now();
    const states = await this.#options.stores.packs.list();
    // One that was asked for later was faster.
    if (asked < this.#readAt) return;
    this.#states = states;
    this.#key = JSON.stringify(states.map(identity));
    this.#readAt = asked;
  }
}

/** Waits for a reading, but no longer than a second: a database that stalls must not keep a call for longer than its own statements do. */
async function inTime(reading: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, packsReliableMs);
  await Promise.race([reading, late.promise]);
  clearTimeout(timer);
}

/** What an operator may do about a pack that no server can embed faces by. */
function wayOut(state: PackState['state']): string {
  return state === 'kept'
    ? '"familiar models prune" ends that new faces are embedded by packs that are not in use'
    : '"familiar models cancel" gives the upgrade up';
}

/** What calls need to know of a pack. */
function identity({ name, model, state, isRequired }: PackState) {
  return [name, model, state, isRequired];
}
