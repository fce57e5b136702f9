/** Copies a register into an empty one, in whichever databases they are, while the first is used. */
import { setTimeout } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { MasterKey } from '../encryption/master-key.ts';
import { areConverting, readPacks } from '../packs/state.ts';
import type { Tables } from '../tables.ts';
import { copyDataKeys } from './data-keys.ts';
import { type AppidDigest, digestOf } from './digest.ts';
import { type CopyingEvents, copyAppid, goThrough, headsOf } from './registries.ts';
import { type AnyDb, type Row, type RowsOf, reconcileRows } from './rows.ts';
import { beginCopy, forgetCopy, noteState, noteWhole, signOfLife } from './state.ts';
import { type CopiedRows, callRowTables, refuseCallWrites, refuseWrites, rowTables, takeWrites } from './tables.ts';

/** A register and what opens its data keys. */
export interface CopySide {
  readonly database: Database;
  readonly masterKey: MasterKey;
  /** What to call it, without a password. */
  readonly name: string;
}

/** What is copied, and what is told. */
export interface CopyOptions {
  readonly from: CopySide;
  readonly to: CopySide;
  /** Whether the first register takes calls again when the copy is made; else its servers refuse them, and nothing is lost between. */
  readonly staysInUse: boolean;
  /** Called with how many of how many persons are copied, and what is done. */
  readonly onProgress: (done: number, total: number, what: string) => void;
  /** How long calls that began before the register was closed have to be counted, in milliseconds. */
  readonly closingMs?: number;
}

/** What was copied. */
export interface CopyReport {
  readonly appids: readonly (AppidDigest & { readonly appid: string })[];
  /** For how long the first register took no writes, in milliseconds. */
  readonly readOnlyMs: number;
}

/** Changes below which it is time to have none made any more. */
const fewChanges = 200;
/** Less than this part of what changed the last time must have changed the next, or it is no use to wait for fewer changes. */
const shrinking = 0.7;
/** Servers read that their register is closed within this, in milliseconds. */
const closingMsByDefault = 1_500;
/** By how much the clocks of servers differ at most, and how long a row waits to be written, in milliseconds. */
const clocksDifferMs = 3_600_000;

/**
 * Copies a register. It can be interrupted at any time, and goes on where it was when it is called again with the same registers.
 * @throws Error for the operator if one of them is something else than it should be, or what was copied is not the same.
 */
export async function copyRegister(options: CopyOptions): Promise<CopyReport> {
  const { from, to } = options;
  const sides = { from: from.database.writer, to: to.database.writer, fromName: from.name, toName: to.name };
  await beginCopy(sides);
  // Where it was interrupted while nothing could be written, it may be written again until this is as far.
  await takeWrites(from.database);
  const copy = new Copy(options);
  await copy.begin();
  await copy.catchUp();
  const packs = await readPacks(sides.from);
  const verified = await copy.verify(new Map());
  const start = performance.now();
  let isWhole = false;
  try {
    await refuseWrites(from.database);
    await copy.follow();
    const appids = await copy.verify((await areConverting(sides.from, packs)) ? new Map() : verified);
    await copy.refuseUnverified(appids);
    if (!options.staysInUse) await copy.close(options.closingMs ?? closingMsByDefault);
    await copy.finish();
    // From here on the copy may be used, and the first register must not be, whatever goes wrong.
    isWhole = true;
    await noteWhole(to.database.writer);
    if (options.staysInUse) await reopenRegister(from.database);
    const readOnlyMs = performance.now() - start;
    return { appids: [...appids].map(([appid, { digest }]) => ({ appid, ...digest })), readOnlyMs };
  } catch (error) {
    if (!isWhole) {
      await noteState(from.database.writer, 'copying');
      await takeWrites(from.database);
    }
    throw error;
  }
}

/**
 * Has a register that was moved, or that is being copied, take calls and writes again.
 * @returns false if it took them all the time.
 */
export async function reopenRegister(database: Database): Promise<boolean> {
  const row = await database.writer.selectFrom('copies').select('id').where('role', '=', 'from').executeTakeFirst();
  await takeWrites(database);
  await forgetCopy(database.writer);
  return row !== undefined;
}

/** A digest that both registers had, and where the feed stood then. */
interface Verified {
  readonly position: number;
  readonly digest: AppidDigest;
}

/** A copy that is being made. */
class Copy {
  readonly #options: CopyOptions;
  readonly #from: Kysely<Tables>;
  readonly #to: Kysely<Tables>;
  readonly #events: CopyingEvents;
  #total = 0;
  #done = 0;
  #what = '';
  /** Rows that were added before this were copied, in milliseconds since 1970. */
  #addedSince = 0;

  constructor(options: CopyOptions) {
    this.#options = options;
    this.#from = options.from.database.reader;
    this.#to = options.to.database.writer;
    this.#events = {
      onPersons: (count) => this.#tell(count),
      onStep: signOfLife(options.from.database.writer),
    };
  }

  /** Copies everything once. */
  async begin(): Promise<void> {
    const { persons } = await this.#from
      .selectFrom('persons')
      .select((eb) => eb.fn.countAll<number>().as('persons'))
      .executeTakeFirstOrThrow();
    this.#total = persons;
    this.#what = 'copying';
    await this.#copyKeys();
    await this.follow();
    const start = Date.now();
    await this.#copyRows();
    await this.#copyCallRows();
    this.#addedSince = start - clocksDifferMs;
  }

  /** Follows what changes until little does, or as little as ever will. */
  async catchUp(): Promise<void> {
    for (let last = Number.POSITIVE_INFINITY, changes = last; ; last = changes) {
      changes = await this.follow();
      if (changes <= fewChanges || changes > last * shrinking) return;
    }
  }

  /** Copies what was not copied yet, appid by appid. @returns how many changes there were. */
  async follow(): Promise<number> {
    let changes = 0;
    for (const head of await headsOf(this.#from)) {
      changes += await copyAppid(this.#sidesOf(head.appid), head, this.#events);
    }
    return changes;
  }

  /**
   * Compares the digests of every appid. One that is changed meanwhile is left out, and so is one that differs: its persons are gone
   * through again. Where nothing changes any more, that must have been enough.
   * @param before appids that were compared before; those that did not change since are not compared again.
   */
  async verify(before: ReadonlyMap<string, Verified>): Promise<ReadonlyMap<string, Verified>> {
    const verified = new Map<string, Verified>();
    this.#what = 'comparing';
    for (const { appid, changes: position } of await headsOf(this.#from)) {
      const known = before.get(appid);
      if (known?.position === position) verified.set(appid, known);
      else {
        const digest = (await this.#compare(appid)) ?? (await this.#repair(appid, position));
        if (digest !== undefined && (await this.#positionOf(appid)) === position)
          verified.set(appid, { position, digest });
      }
      await this.#events.onStep();
    }
    return verified;
  }

  /** @throws Error if a digest differs although nothing changes. */
  async refuseUnverified(verified: ReadonlyMap<string, Verified>): Promise<void> {
    for (const { appid } of await headsOf(this.#from)) {
      if (!verified.has(appid))
        throw new Error(`appid ${appid}: what was copied is not what is there; give the command again`);
    }
  }

  /** Has every server refuse all calls, and waits for those that have begun. */
  async close(closingMs: number): Promise<void> {
    const { from } = this.#options;
    await noteState(from.database.writer, 'moved');
    await setTimeout(closingMs);
    await refuseCallWrites(from.database);
  }

  /** Copies what has no feed, and checks the counts. */
  async finish(): Promise<void> {
    this.#what = 'ending';
    const { to } = this.#options;
    await this.#refuseUnequal((await headsOf(this.#from)).map(({ appid }) => appid));
    await this.#copyKeys();
    await this.#copyRows();
    await this.#copyCallRows();
    // Its feed begins where the other one ended, and holds nothing.
    const changed = (row: Row): Row => ({ ...row, forgotten: row.changes! });
    await reconcileRows(any(this.#from), any(to.database.writer), { table: 'registries', key: ['appid'], changed });
  }

  /** The digest of an appid if both registers have the same. */
  async #compare(appid: string): Promise<AppidDigest | undefined> {
    const [ours, theirs] = [await digestOf(this.#from, appid), await digestOf(this.#to, appid)];
    return ours.sha256 === theirs.sha256 ? ours : undefined;
  }

  async #repair(appid: string, position: number): Promise<AppidDigest | undefined> {
    await goThrough(this.#sidesOf(appid), { position, after: '' }, this.#events);
    return this.#compare(appid);
  }

  /** @throws Error if an appid has another number of persons in the copy. */
  async #refuseUnequal(appids: readonly string[]): Promise<void> {
    const [from, to] = await Promise.all([countsOf(this.#from, appids), countsOf(this.#to, appids)]);
    for (const [i, appid] of appids.entries()) {
      if (from[i] !== to[i])
        throw new Error(`appid ${appid}: ${from[i]} persons were to be copied, and ${to[i]} are there`);
    }
  }

  async #positionOf(appid: string): Promise<number | undefined> {
    const row = await this.#from
      .selectFrom('registries')
      .select('changes')
      .where('appid', '=', appid)
      .executeTakeFirst();
    return row?.changes;
  }

  #copyKeys(): Promise<void> {
    const { from, to } = this.#options;
    return copyDataKeys({ db: this.#from, masterKey: from.masterKey }, { db: this.#to, masterKey: to.masterKey });
  }

  async #copyRows(): Promise<void> {
    for (const rows of rowTables) {
      await reconcileRows(any(this.#from), any(this.#to), this.#late(rows));
      await this.#events.onStep();
    }
  }

  async #copyCallRows(): Promise<void> {
    const { from, to } = this.#options;
    for (const rows of callRowTables) {
      await reconcileRows(any(from.database.calls.reader), any(to.database.calls.writer), this.#late(rows));
      await this.#events.onStep();
    }
  }

  /** Of rows that are added and never changed: those that may have come since the last time. */
  #late({ added, ...rows }: CopiedRows): RowsOf {
    return added === undefined
      ? rows
      : { ...rows, least: { column: added.column, value: Math.floor(this.#addedSince / added.unitMs) } };
  }

  #sidesOf(appid: string) {
    return { from: this.#from, to: this.#to, appid };
  }

  #tell(count: number): void {
    this.#done += count;
    this.#options.onProgress(Math.min(this.#done, this.#total), this.#total, this.#what);
  }
}

/** How many persons each appid has. */
async function countsOf(db: Kysely<Tables>, appids: readonly string[]): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('persons')
    .select('appid')
    .select((eb) => eb.fn.countAll<number>().as('persons'))
    .groupBy('appid')
    .execute();
  const counts = new Map(rows.map(({ appid, persons }) => [appid, persons]));
  return appids.map((appid) => counts.get(appid) ?? 0);
}

function any<T>(db: Kysely<T>): AnyDb {
  return db as unknown as AnyDb;
}
