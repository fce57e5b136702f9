/** Remembers the pictures whose analysis ended a process, so that nobody ends one process after another with the same picture. */
import { createHash } from 'node:crypto';

/** How often in a row a picture may end its process; then it is not tried again. */
const crashesMax = 2;
/** For how long after its last crash a picture is remembered, in milliseconds. */
const rememberedMs = 3_600_000;
/** How many pictures are remembered, the latest; each takes some hundred bytes. */
const picturesMax = 1_000;

interface Record {
  readonly crashes: number;
  readonly at: number;
}

/** The pictures whose analysis ended a process, by the SHA-256 of their bytes. */
export class Crashes {
  /** The one that crashed last is the last. */
  readonly #records = new Map<string, Record>();
  readonly #now: () => number;

  /** @param now milliseconds, rising. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws Error if the picture has ended its process twice in a row and is not to be tried a third time. */
  check(picture: Uint8Array): void {
    const record = this.#find(picture);
    if (record === undefined || record.crashes < crashesMax) return;
    throw new Error(`the picture has ended its process ${record.crashes} times and is not tried again`);
  }

  /** The picture has ended its process. */
  add(picture: Uint8Array): void {
    const name = nameOf(picture);
    const crashes = (this.#records.get(name)?.crashes ?? 0) + 1;
    this.#records.delete(name);
    this.#records.set(name, { crashes, at: this.#now() });
    const [oldest] = this.#records.keys();
    if (this.#records.size > picturesMax) this.#records.delete(oldest!);
  }

  /** The picture was analysed: what ended a process before was not its doing. */
  clear(picture: Uint8Array): void {
    // Nearly always nothing is remembered, and no digest is made.
    if (this.#records.size > 0) this.#records.delete(nameOf(picture));
  }

  #find(picture: Uint8Array): Record | undefined {
    for (const [name, { at }] of this.#records) {
      if (this.#now() - at < rememberedMs) break;
      this.#records.delete(name);
    }
    return this.#records.size > 0 ? this.#records.get(nameOf(picture)) : undefined;
  }
}

function nameOf(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('base64');
}
