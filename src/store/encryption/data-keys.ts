/** The data keys: one for each appid, which encrypts its SecretKeys, embeddings and crops. */
import { generateKeySync, type KeyObject } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../tables.ts';
import { keyLength } from './cipher.ts';
import { type MasterKey, onlyMasterKey } from './master-key.ts';

/** Data keys that are kept decrypted at most; far more than appids that call within a minute. */
const openedMax = 10_000;

/**
 * The data key of an appid as it is kept: to be selected in the statement that selects what it opens, so that both are
 * of one moment. Null if the appid has none.
 */
export function wrappedKeyOf(appid: string): RawBuilder<Uint8Array | null> {
  return sql<Uint8Array | null>`(select wrapped from data_keys where appid = ${appid})`;
}

const dataKeyQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectFrom('data_keys').select('wrapped').where('appid', '=', appid),
);

/** Decrypts data keys, and makes them. */
export class DataKeys {
  readonly #opened = new Map<string, { readonly wrapped: Uint8Array; readonly key: KeyObject }>();
  #master: MasterKey;

  constructor(master: MasterKey) {
    this.#master = master;
  }

  /** Of the master key. */
  get fingerprint(): string {
    return this.#master.fingerprint;
  }

  /**
   * Decrypts a data key.
   * @param wrapped what {@link wrappedKeyOf} selected.
   * @throws Error if there is none; DamagedValueError if the master key does not open it.
   */
  open(appid: string, wrapped: Uint8Array | null): KeyObject {
    if (wrapped === null) throw new Error(`appid ${appid} has no data key any more`);
    const opened = this.#opened.get(appid);
    // An appid that was ended and added again has another data key.
    if (opened !== undefined && Buffer.compare(opened.wrapped, wrapped) === 0) return opened.key;
    const key = this.#master.unwrap(appid, wrapped);
    if (this.#opened.size >= openedMax) this.#opened.clear();
    this.#opened.set(appid, { wrapped, key });
    return key;
  }

  /** The data key that an appid had when it was opened last, which may be destroyed since; undefined if it was never opened here. */
  known(appid: string): KeyObject | undefined {
    return this.#opened.get(appid)?.key;
  }

  /** The data key of an appid; undefined if it has none. */
  async find(db: Kysely<Tables>, appid: string): Promise<KeyObject | undefined> {
    const [row] = await dataKeyQuery(db, { appid });
    return row && this.open(appid, row.wrapped);
  }

  /**
   * The data key of an appid, which is made if there is none: within the transaction that writes what it encrypts.
   * @throws Error if the master key was changed by another process, since what this one encrypts would never open.
   */
  async ensure(db: Kysely<Tables>, appid: string): Promise<KeyObject> {
    const found = await this.find(db, appid);
    if (found !== undefined) return found;
    const key = generateKeySync('aes', { length: keyLength * 8 });
    // Whoever rotates the master key waits for this transaction, or this for theirs.
    const master = await dialectOf(db)
      .forShare(
        db
          .selectFrom('master_keys')
          .select('id')
          .where('id', '=', onlyMasterKey)
          .where('fingerprint', '=', this.#master.fingerprint),
      )
      .executeTakeFirst();
    if (master === undefined) {
      throw new Error(
        'the master key was changed by `familiar keys rotate-master`: restart this process, or send it SIGHUP',
      );
    }
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('data_keys')
      .values({ appid, wrapped: this.#master.wrap(appid, key) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return key;
    // Another server may have made one at the same time.
    const [others] = await dataKeyQuery(db, { appid });
    return this.open(appid, others?.wrapped ?? null);
  }

  /** Uses another master key from now on, which opens the same data keys. @returns false if it is the same. */
  renew(master: MasterKey): boolean {
    if (master.fingerprint === this.#master.fingerprint) return false;
    this.#master = master;
    return true;
  }

  /**
   * Encrypts every data key with another master key, in one transaction.
   * @param note runs in it, when the row of the master key is locked.
   * @throws Error if the master key was changed by another process.
   */
  async rotate(db: Kysely<Tables>, next: MasterKey, note: (trx: Kysely<Tables>) => Promise<void>): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('master_keys')
        .set({ fingerprint: next.fingerprint })
        .where('id', '=', onlyMasterKey)
        .where('fingerprint', '=', this.#master.fingerprint)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows !== 1n) throw new Error('the master key was changed by another process');
      for (const { appid, wrapped } of await trx.selectFrom('data_keys').selectAll().execute()) {
        const key = this.#master.unwrap(appid, wrapped);
        await trx
          .updateTable('data_keys')
          .set({ wrapped: next.wrap(appid, key) })
          .where('appid', '=', appid)
          .execute();
      }
      await note(trx);
    });
    this.#master = next;
  }
}
