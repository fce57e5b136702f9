/** Keeps the searched faces of one appid in step with its registry. */
import { setImmediate } from 'node:timers/promises';
import type { Feed, RegistryChange } from '../domain/feed.ts';
import type { Gallery, Quest, Resemblance } from '../domain/gallery.ts';
import type { Change, Gallery as Faces } from '../search/gallery.ts';

/** Changes that are read and filed between two looks at what else there is to do: some four milliseconds of work. */
const batchSize = 1_000;

/** Says that changes were forgotten before they were seen: only a new index can follow from here. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** A gallery that has seen whatever was written before it is searched. */
export class FollowedGallery implements Gallery {
  readonly #feed: Feed;
  readonly #faces: Faces;
  readonly #model: string;
  /** Undefined until what the registry held at first is filed. */
  #position: number | undefined;
  #marked = 0;
  #forgotten = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param model whose embeddings are searched. */
  constructor(feed: Feed, faces: Faces, model: string) {
    this.#feed = feed;
    this.#faces = faces;
    this.#model = model;
  }

  /**
   * Resolves when everything that was written before the call can be found, or no longer.
   * @throws Overtaken; and what reading or filing throws, after which it may be tried again.
   */
  catchUp(): Promise<void> {
    // Calls that come while one pass runs share the next: the pass under way may have read before they were made.
    this.#next ??= this.#running = this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#pass();
      });
    return this.#next;
  }

  async nearest({ probes, groupIds, count, signal }: Quest): Promise<readonly (readonly Resemblance[])[]> {
    await this.catchUp();
    const lists = await this.#faces.nearest({ probes, groupIds, count, signal });
    return lists.map((list) =>
      list.map(({ personId, faceId, similarity }) => ({ personId, faceId: String(faceId), cosine: similarity })),
    );
  }

  /** Has the feed forget what was seen by the last call of this: whoever else follows has had the time in between. */
  async forget(): Promise<void> {
    const marked = this.#marked;
    this.#marked = this.#position ?? 0;
    if (marked <= this.#forgotten) return;
    await this.#feed.forget(marked);
    this.#forgotten = marked;
  }

  async #pass(): Promise<void> {
    this.#position ??= await this.#load();
    const news = await this.#feed.since(this.#position, this.#model);
    if (news === undefined) throw new Overtaken('changes were forgotten before the index had seen them');
    if (news.changes.length > 0) await this.#faces.apply(news.changes.map(toFiled));
    this.#position = news.position;
  }

  /** Files what there is. @returns the position from which changes make it right. */
  async #load(): Promise<number> {
    const position = await this.#feed.position();
    for await (const batch of this.#feed.contents(this.#model, batchSize)) {
      // Others have their turn, and what asks for the next batch gets to the thread that reads it.
      await setImmediate();
      await this.#faces.apply(batch.map(toFiled));
    }
    return position;
  }
}

function toFiled(change: RegistryChange): Change {
  return 'faceId' in change ? { ...change, faceId: BigInt(change.faceId) } : change;
}
