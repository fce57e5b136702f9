/** Feeds in memory, which do what their port says and stop where a test wants them to. */
import type {
  ChangeBatch,
  ChangeFeed,
  ChangeFeeds,
  DatabaseSearch,
  RegistryChange,
} from '../../src/sync/change-feed.ts';
import { type Hold, hold } from '../hold.ts';
import { Oracle } from '../search/oracle.ts';

/** What an index calls of a feed. */
export type FeedCall = 'position' | 'since' | 'contents' | 'prune';

/** The only model whose embeddings are in such a feed. */
export const model = 'a model';
/** How long the embeddings are. */
export const dimension = 8;

/** The embedding of a face that resembles no other of another number below {@link dimension}. */
export function embedding(number: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, i) => (i === number % dimension ? 1 : 0));
}

/** The changes that register a person in group `g` with a face, whose id is the number of its embedding. */
export function registration(personId: string, number: number): readonly RegistryChange[] {
  return [
    { kind: 'joinGroup', personId, groupId: 'g' },
    { kind: 'insertFace', personId, faceId: String(number), embedding: embedding(number) },
  ];
}

/** One registry's feed. */
export class MemoryFeed implements ChangeFeed {
  /** The calls so far, in their order. */
  readonly calls: FeedCall[] = [];
  /** Up to where changes are forgotten. */
  forgotten = 0;
  /** How many changes are read at once. */
  batchSize = Number.POSITIVE_INFINITY;
  readonly #changes: RegistryChange[] = [];
  readonly #holds = new Map<FeedCall, Hold>();
  readonly #gates: Hold[] = [];

  /** Makes changes; the position that they lead to. */
  write(...changes: readonly RegistryChange[]): number {
    return this.#changes.push(...changes);
  }

  /** Undoes all but the first so many changes, as a backup that is put in place does. */
  putBack(position: number): void {
    this.#changes.splice(position);
    this.forgotten = 0;
  }

  /** Stops the next call of a kind once it has read, or forgotten; with contents after the first batch of each call. */
  hold(call: FeedCall): Hold {
    const gate = hold();
    this.#holds.set(call, gate);
    this.#gates.push(gate);
    return gate;
  }

  /** Lets everything go on that is stopped, or would be. */
  release(): void {
    for (const gate of this.#gates) gate.end();
  }

  /** Has the next call of a kind fail. */
  fail(call: FeedCall, error: Error): void {
    this.hold(call).end(error);
  }

  async position(): Promise<number> {
    const position = this.#changes.length;
    await this.#after('position');
    return position;
  }

  async *since(from: number, asked: string): AsyncIterable<ChangeBatch | undefined> {
    for (let position = from; ; ) {
      const last = this.#changes.length;
      const isKept = position >= this.forgotten && position <= last;
      const end = Math.min(last, position + this.batchSize);
      const changes = this.#changes.slice(position, end).filter((change) => isOf(change, asked));
      const isEmpty = position === last;
      await this.#after('since');
      if (!isKept) return yield undefined;
      if (isEmpty) return;
      position = end;
      yield { position, changes, isLast: end === last };
      if (end === last) return;
    }
  }

  /** What there is, as changes that make it. */
  standing(asked: string): readonly RegistryChange[] {
    return contentsAfter(this.#changes.filter((change) => isOf(change, asked)));
  }

  /** In batches of one change, and of what there is when it begins. */
  async *contents(asked: string): AsyncIterable<readonly RegistryChange[]> {
    const changes = this.standing(asked);
    for (const [i, change] of changes.entries()) {
      yield [change];
      if (i === 0) await this.#after('contents');
    }
  }

  async prune(position: number): Promise<void> {
    await this.#after('prune');
    this.forgotten = Math.max(this.forgotten, position);
  }

  async #after(call: FeedCall): Promise<void> {
    this.calls.push(call);
    await this.#holds.get(call)?.pass();
  }
}

/** What makes what there is after changes: memberships first. */
function contentsAfter(changes: readonly RegistryChange[]): readonly RegistryChange[] {
  const members = new Map<string, RegistryChange>();
  const faces = new Map<string, RegistryChange>();
  for (const change of changes) {
    if (change.kind === 'insertFace') faces.set(change.faceId, change);
    else if (change.kind === 'removeFace') faces.delete(change.faceId);
    else if (change.kind === 'joinGroup') members.set(`${change.personId} ${change.groupId}`, change);
    else if (change.kind === 'leaveGroup') members.delete(`${change.personId} ${change.groupId}`);
    else {
      for (const items of [members, faces])
        for (const [key, item] of items) {
          if ('personId' in item && item.personId === change.personId) items.delete(key);
        }
    }
  }
  return [...members.values(), ...faces.values()];
}

function isOf(change: RegistryChange, asked: string): boolean {
  return change.kind !== 'insertFace' || asked === model;
}

/** The registers of some appids, each with a feed. */
export class MemoryFeeds implements ChangeFeeds {
  /** Told of what this process has written. */
  notice: (appid: string) => Promise<void> = async () => {};
  readonly #feeds: Readonly<Record<string, MemoryFeed>>;

  constructor(feeds: Readonly<Record<string, MemoryFeed>>) {
    this.#feeds = feeds;
  }

  async appids(): Promise<readonly string[]> {
    return Object.keys(this.#feeds);
  }

  async countFaces(): Promise<number> {
    return 10;
  }

  feedOf(appid: string): MemoryFeed {
    const feed = this.#feeds[appid];
    if (feed === undefined) throw new Error(`the test has no feed ${appid}`);
    return feed;
  }

  /** Searches of the database so far, each by its appid. */
  readonly searches: string[] = [];

  searchOf(appid: string): DatabaseSearch {
    const feed = this.feedOf(appid);
    return {
      nearest: async (query, asked) => {
        this.searches.push(appid);
        const oracle = new Oracle();
        await oracle.apply(feed.standing(asked));
        return oracle.nearest(query);
      },
      size: async (asked) => {
        const changes = feed.standing(asked);
        const idsOf = (name: 'personId' | 'groupId') =>
          new Set(changes.flatMap((change) => (name in change ? [(change as Record<string, unknown>)[name]] : [])))
            .size;
        const faces = changes.filter(({ kind }) => kind === 'insertFace').length;
        const memberships = changes.length - faces;
        return { faces, persons: idsOf('personId'), groups: idsOf('groupId'), memberships };
      },
    };
  }

  watch(follow: (appid: string) => Promise<void>): void {
    this.notice = follow;
  }
}
