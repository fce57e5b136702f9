/** The packs that a process has loaded: those that the pictures of late were analysed with. */
import type { InstalledPack } from '../packs/folder.ts';
import type { LoadedPack } from '../packs/load.ts';
import type { PackChoice } from './task.ts';

/** How many packs are kept loaded: the one in use, the one that is upgraded to, and some to go back to. */
const packsMax = 6;

/** Loads packs when they are needed, and lets go of those that have not been needed for longest. */
export class LoadedPacks {
  readonly #load: (pack: InstalledPack) => Promise<LoadedPack>;
  /** The one that was needed last is the last. */
  readonly #packs = new Map<string, Promise<LoadedPack>>();

  /** @param load loads a pack. */
  constructor(load: (pack: InstalledPack) => Promise<LoadedPack>) {
    this.#load = load;
  }

  /** @throws Error if it does not match its manifest; it is tried again when it is needed again. */
  load(pack: InstalledPack): Promise<LoadedPack> {
    const name = `${pack.folder} ${pack.digest}`;
    const loaded = this.#packs.get(name) ?? this.#load(pack);
    this.#packs.delete(name);
    this.#packs.set(name, loaded);
    loaded.catch(() => this.#packs.delete(name));
    for (const oldest of this.#packs.keys()) if (this.#packs.size > packsMax) this.#packs.delete(oldest);
    return loaded;
  }

  /** The packs of a picture, as its analysis takes them. */
  async choose({ main, further }: PackChoice): Promise<{
    readonly pack: LoadedPack | undefined;
    readonly further: readonly (LoadedPack | undefined)[];
  }> {
    const loaded = [];
    // One after the other: a process has one thread.
    for (const each of [main, ...further]) loaded.push(each === null ? undefined : await this.load(each));
    const [pack, ...others] = loaded;
    return { pack, further: others };
  }
}
