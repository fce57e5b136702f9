/** The transactions of one appid's registry: what they change, what is told of it, and when it is undone. */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { CallWrites } from '../domain/stores.ts';
import type { WrittenChanges } from '../sync/change-feed.ts';
import { type Access, orStorageFailed } from './access.ts';
import { currentAct } from './audit/act.ts';
import { ForeseenIds } from './audit/foreseen-ids.ts';
import type { AuditTrail } from './audit/trail.ts';
import { ChangesOfTransaction, whenSent } from './changes-of-transaction.ts';
import { sendsAtOnce } from './dialects/dialect.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import { isConsequence } from './failure.ts';
import type { RecordedChanges } from './feed/record.ts';
import { grow } from './growth.ts';
import type { ChangingScope, DecryptingScope } from './scope.ts';
import type { Tables } from './tables.ts';
import { countOf, countWrite } from './usage.ts';

/** What every registry works with. */
export interface RegistryParts {
  readonly dataKeys: DataKeys;
  readonly audit: AuditTrail;
  /** Called after each durable write of what followers see; the write is answered when it resolves. */
  readonly onDurable?: (appid: string, written: WrittenChanges) => Promise<void>;
}

/** What is known of a transaction when all of it was asked for. */
interface Concluded {
  readonly counted: Promise<number> | undefined;
  readonly isSent: boolean;
}

/** Says that a transaction is undone, since a part of it was refused, and what came of it. */
class Undone extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super('a change was refused');
    this.result = result;
  }
}

/** Runs transactions. */
export class RegistryTransactions {
  readonly #appid: string;
  readonly #parts: RegistryParts;
  #foreseen: ForeseenIds | undefined;

  constructor(appid: string, parts: RegistryParts) {
    this.#appid = appid;
    this.#parts = parts;
  }

  /**
   * Runs work in a transaction, and resolves when it is durable and followers have seen it. What was refused is undone, whatever
   * the work makes of it.
   * @param call counted and told of in the transaction, if the work asks for any change.
   */
  async run<T>(
    access: Access,
    work: (inner: Access, changes: ChangesOfTransaction) => Promise<T>,
    call?: CallWrites,
  ): Promise<T> {
    try {
      // It may be run anew.
      const { result, changes, counted } = await access.write((inner) => this.#transact(inner, work, call));
      if (changes.areAskedFor) call?.counted();
      await orStorageFailed(changes.settle());
      if (counted !== undefined) await this.#tellFollowers(changes.recorded, await counted);
      return result;
    } catch (error) {
      if (error instanceof Undone) return error.result as T;
      throw error;
    }
  }

  /** Makes what the audit keeps of ids that will be touched, once nothing else is to be done. */
  foresee(personId: string, groupIds: readonly string[]): void {
    const key = this.#parts.dataKeys.known(this.#appid);
    if (key === undefined) return;
    setImmediate(() => {
      const foreseen = new ForeseenIds(key);
      foreseen.add('persons', [personId]);
      foreseen.add('groups', groupIds);
      this.#foreseen = foreseen;
    });
  }

  /** The rows of the appid, to be read. */
  scope(db: Kysely<Tables>, listMax?: number): DecryptingScope {
    return { db, appid: this.#appid, dataKeys: this.#parts.dataKeys, listMax };
  }

  /** The rows of the appid, to be changed in a transaction. */
  changingScope(db: Kysely<Tables>, changes: ChangesOfTransaction): ChangingScope {
    const key = (): Promise<KeyObject> => changes.key((wrapped) => this.#keyOf(db, wrapped));
    return { ...this.scope(db), changes, key };
  }

  /** @throws Undone to undo what was refused. */
  async #transact<T>(
    inner: Access,
    work: (inner: Access, changes: ChangesOfTransaction) => Promise<T>,
    call: CallWrites | undefined,
  ) {
    const end = inner.query((db) => this.#parts.audit.end(db, this.#appid));
    const changes = new ChangesOfTransaction(end, this.#foreseen);
    try {
      const result = await work(inner, changes);
      if (changes.isRefused) throw new Undone(result);
      const { counted, isSent } = await this.#conclude(inner, changes, call);
      // Nothing is decided by what is left, so that the commit need not wait for it: where any of it failed, it is refused.
      if (isSent) await whenSent();
      if (!isSent || changes.hasFailed) await orStorageFailed(changes.settle());
      return { result, changes, counted };
    } catch (error) {
      // What was under way has to end first, and may be why the rest failed.
      const why = await orStorageFailed(changes.settle()).then(
        () => error,
        (owed: unknown) => owed,
      );
      throw isConsequence(error) ? why : error;
    }
  }

  /**
   * Counts what there is now, and the call, and writes what the feed and the audit tell of the changes.
   * @returns `counted`: how many changes there have been then; undefined if there are none that followers see. `isSent`: whether
   *   every statement is on its way to the database, and none of the answers decides anything.
   */
  async #conclude(inner: Access, changes: ChangesOfTransaction, call: CallWrites | undefined): Promise<Concluded> {
    const { audit } = this.#parts;
    const { areAskedFor, end, touched, growth, recorded } = changes;
    let counted: Promise<number> | undefined;
    if (!growth.isNone || recorded.count > 0) {
      const counting = inner.change((db) => grow(db, this.#appid, growth, recorded.count));
      changes.owe(counting);
      changes.owe(
        inner.change(async (db) => {
          // What is refused is not counted, and its changes have no numbers.
          if (growth.isLimited) await counting;
          await recorded.write(db, this.#appid, counting);
        }),
      );
      if (recorded.count > 0) counted = counting;
    }
    if (areAskedFor && call !== undefined) {
      changes.owe(inner.change((db) => countWrite(db, countOf(call.call()))));
    }
    if (!touched.isEmpty) {
      const act = call?.act() ?? currentAct();
      const line = await inner.change(async (db) => audit.record(db, this.#appid, await end, touched, act));
      changes.owe(line.written);
    }
    const isAtOnce = await inner.query(async (db) => sendsAtOnce(db));
    return { counted, isSent: isAtOnce && recorded.isSentAhead && !growth.isLimited };
  }

  async #tellFollowers(recorded: RecordedChanges, counted: number): Promise<void> {
    const from = counted - recorded.count;
    await this.#parts.onDurable?.(this.#appid, { from, batch: (model) => recorded.toBatch(counted, model) });
  }

  async #keyOf(db: Kysely<Tables>, wrapped: Uint8Array | null): Promise<KeyObject> {
    const { dataKeys } = this.#parts;
    return wrapped === null ? dataKeys.ensure(db, this.#appid) : dataKeys.open(this.#appid, wrapped);
  }
}
