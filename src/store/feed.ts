/** Knows which queries answer an index that follows one appid's registry. */
import type { Feed, News, RegistryChange } from '../domain/feed.ts';
import type { Access } from './access.ts';
import * as changes from './changes.ts';
import type { Scope } from './scope.ts';

/** The feed of one appid. */
export class RegistryFeed implements Feed {
  readonly #appid: string;
  readonly #access: Access;

  constructor(appid: string, access: Access) {
    this.#appid = appid;
    this.#access = access;
  }

  position(): Promise<number> {
    return this.#query(changes.position);
  }

  async since(position: number, model: string): Promise<News | undefined> {
    if (position === (await this.position())) return { position, changes: [] };
    // One snapshot: nothing may be forgotten between the look at the counter and the reading.
    return this.#access.read((inner) =>
      inner.query((db) => changes.since({ db, appid: this.#appid }, position, model)),
    );
  }

  async *contents(model: string, batchSize: number): AsyncIterable<readonly RegistryChange[]> {
    // Memberships first, so that each face is filed at once where its person is looked for.
    for (let last = { groupId: '', personId: '' }; ; ) {
      const after = last;
      const batch = await this.#query((scope) => changes.membershipsAfter(scope, after, batchSize));
      if (batch.length === 0) break;
      yield batch;
      last = batch.at(-1)!;
    }
    for (let last = ''; ; ) {
      const after = last;
      const batch = await this.#query((scope) => changes.facesAfter(scope, after, model, batchSize));
      if (batch.length === 0) break;
      yield batch;
      last = batch.at(-1)!.faceId;
    }
  }

  forget(position: number): Promise<void> {
    return this.#access.change((db) => changes.forget({ db, appid: this.#appid }, position));
  }

  #query<T>(query: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#access.query((db) => query({ db, appid: this.#appid }));
  }
}
