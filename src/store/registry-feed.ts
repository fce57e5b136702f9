/** The change feed of one appid's registry, for the index that follows it. */
import type { Kysely } from 'kysely';
import type { ChangeBatch, ChangeFeed, RegistryChange } from '../sync/change-feed.ts';
import { type Access, orStorageFailed } from './access.ts';
import { type EncryptedFaces, facesAfter, membershipsAfter, type Part, toChanges } from './contents.ts';
import type { Database } from './database.ts';
import { decryptBatch, type EncryptedBatch } from './encryption/batch.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import { Decrypter } from './encryption/decrypter.ts';
import { prune } from './feed/prune.ts';
import * as changes from './feed/read.ts';
import { readAhead } from './read-ahead.ts';
import type { DecryptingScope } from './scope.ts';
import type { Tables } from './tables.ts';

/** The feed of one appid. */
export class RegistryFeed implements ChangeFeed {
  readonly #appid: string;
  readonly #access: Access;
  readonly #dataKeys: DataKeys;
  readonly #database: Pick<Database, 'beside' | 'openBulk' | 'followers'>;
  /** Where the feed stood when that was last asked for. */
  #position = 0;

  /** @param database opens handles for long reads, and knows who else follows. */
  constructor(
    appid: string,
    access: Access,
    dataKeys: DataKeys,
    database: Pick<Database, 'beside' | 'openBulk' | 'followers'>,
  ) {
    this.#appid = appid;
    this.#access = access;
    this.#dataKeys = dataKeys;
    this.#database = database;
  }

  async position(): Promise<number> {
    this.#position = await this.#query(changes.position);
    return this.#position;
  }

  async *since(position: number, model: string): AsyncIterable<ChangeBatch | undefined> {
    const first = await this.#query((scope) => changes.changesAfter(scope, position, model, 'few'));
    if (first === undefined) return yield undefined;
    if (first.position === position) return;
    yield await toBatch(first, async (embeddings) => decryptBatch(embeddings));
    if (first.isLast) return;
    await using decrypter = new Decrypter();
    // One batch is read, the next is decrypted and the next filed at the same time.
    for await (const part of readAhead(this.#changesBeside(first.position, model))) {
      if (part === undefined) return yield undefined;
      yield await toBatch(part, (embeddings) => decrypter.decrypt(embeddings));
    }
  }

  async *#changesBeside(from: number, model: string): AsyncGenerator<changes.EncryptedChanges | undefined, void> {
    const scope = this.#scope(this.#database.beside);
    for (let position = from; ; ) {
      const part = await orStorageFailed(changes.changesAfter(scope, position, model, 'many'));
      yield part;
      if (part === undefined || part.isLast) return;
      position = part.position;
    }
  }

  async *contents(model: string, batchSize: number): AsyncIterable<readonly RegistryChange[]> {
    // What changes while the contents are read is needed afterwards.
    await orStorageFailed(this.#database.followers?.note(this.#appid, this.#position) ?? Promise.resolve());
    // Memberships first, so that each face is filed at once where its person is looked for.
    yield* this.#parts({ groupId: '', personId: '' }, (scope, after) => membershipsAfter(scope, after, batchSize));
    const faces = this.#parts('', (scope, after) => facesAfter(scope, after, model, batchSize));
    // One batch is read, the next is decrypted and the next filed at the same time, each in a thread.
    yield* readAhead(decrypted(faces));
  }

  async prune(position: number): Promise<void> {
    const upTo = await orStorageFailed(this.#neededAfter(position));
    while (await this.#access.change((db) => prune(this.#scope(db), upTo)));
  }

  async #neededAfter(position: number): Promise<number> {
    const { followers } = this.#database;
    if (followers === undefined) return position;
    await followers.note(this.#appid, position);
    return followers.neededAfter(this.#appid, position);
  }

  /** One part after the other, the next being read while one is worked on. */
  async *#parts<Content, From>(
    from: From,
    read: (scope: DecryptingScope, from: From) => Promise<Part<Content, From>>,
  ): AsyncGenerator<Content, void> {
    // Most registries have no second part, and a thread takes longer to start than the first to read.
    let part = await this.#query((scope) => read(scope, from));
    if (part.next === undefined) return yield part.content;
    await using bulk = this.#bulk();
    while (part.next !== undefined) {
      const next = orStorageFailed(read(bulk.scope, part.next));
      // Whoever goes on will hear of its failure; whoever does not need not.
      next.catch(() => {});
      yield part.content;
      part = await next;
    }
    yield part.content;
  }

  #bulk(): AsyncDisposable & { readonly scope: DecryptingScope } {
    const db = this.#database.openBulk();
    return { scope: this.#scope(db), [Symbol.asyncDispose]: () => db.destroy() };
  }

  #query<T>(query: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    return this.#access.query((db) => query(this.#scope(db)));
  }

  #scope(db: Kysely<Tables>): DecryptingScope {
    return { db, appid: this.#appid, dataKeys: this.#dataKeys };
  }
}

async function toBatch(
  part: changes.EncryptedChanges,
  decrypt: (embeddings: EncryptedBatch) => Promise<Uint8Array>,
): Promise<ChangeBatch> {
  return changes.toBatch(part, part.embeddings && (await orStorageFailed(decrypt(part.embeddings))));
}

/** Faces with their embeddings; what comes after the first batch is decrypted in a thread. */
async function* decrypted(
  parts: AsyncGenerator<EncryptedFaces | undefined, void>,
): AsyncGenerator<readonly RegistryChange[], void> {
  await using thread = new AsyncDisposableStack();
  let decrypt = async (batch: EncryptedBatch): Promise<Uint8Array> => decryptBatch(batch);
  let batches = 0;
  for await (const faces of parts) {
    if (faces === undefined) return yield [];
    if (++batches === 2) {
      const decrypter = thread.use(new Decrypter());
      decrypt = (batch) => decrypter.decrypt(batch);
    }
    yield toChanges(faces, await orStorageFailed(decrypt(faces.batch)));
  }
}
