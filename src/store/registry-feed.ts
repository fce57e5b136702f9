/** The change feed of one appid's registry, for the index that follows it. */
import type { Kysely } from 'kysely';
import type { ChangeBatch, ChangeFeed, RegistryChange } from '../sync/change-feed.ts';
import { type Access, orStorageFailed } from './access.ts';
import * as changes from './changes.ts';
import { facesAfter, membershipsAfter, type Part } from './contents.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** The feed of one appid. */
export class RegistryFeed implements ChangeFeed {
  readonly #appid: string;
  readonly #access: Access;
  readonly #openBulk: () => Kysely<Tables>;

  /** @param openBulk opens a handle for what takes long to read. */
  constructor(appid: string, access: Access, openBulk: () => Kysely<Tables>) {
    this.#appid = appid;
    this.#access = access;
    this.#openBulk = openBulk;
  }

  position(): Promise<number> {
    return this.#query(changes.position);
  }

  async since(position: number, model: string): Promise<ChangeBatch | undefined> {
    if (position === (await this.position())) return { position, changes: [] };
    // One snapshot: nothing may be forgotten between the look at the counter and the reading.
    return this.#access.read((inner) =>
      inner.query((db) => changes.since({ db, appid: this.#appid }, position, model)),
    );
  }

  async *contents(model: string, batchSize: number): AsyncIterable<readonly RegistryChange[]> {
    // Memberships first, so that each face is filed at once where its person is looked for.
    yield* this.#parts({ groupId: '', personId: '' }, (scope, after) => membershipsAfter(scope, after, batchSize));
    yield* this.#parts('', (scope, after) => facesAfter(scope, after, model, batchSize));
  }

  async prune(position: number): Promise<void> {
    while (await this.#access.change((db) => changes.prune({ db, appid: this.#appid }, position)));
  }

  /** One part after the other, the next being read while one is worked on. */
  async *#parts<From>(
    from: From,
    read: (scope: Scope, from: From) => Promise<Part<From>>,
  ): AsyncGenerator<readonly RegistryChange[], void> {
    // Most registries have no second part, and a thread takes longer to start than the first to read.
    let part = await this.#query((scope) => read(scope, from));
    if (part.next === undefined) return yield part.changes;
    await using bulk = this.#bulk();
    while (part.next !== undefined) {
      const next = orStorageFailed(read(bulk.scope, part.next));
      // Whoever goes on will hear of its failure; whoever does not need not.
      next.catch(() => {});
      yield part.changes;
      part = await next;
    }
    yield part.changes;
  }

  #bulk(): AsyncDisposable & { readonly scope: Scope } {
    const db = this.#openBulk();
    return { scope: { db, appid: this.#appid }, [Symbol.asyncDispose]: () => db.destroy() };
  }

  #query<T>(query: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#access.query((db) => query({ db, appid: this.#appid }));
  }
}
