/**
 * Upgrades of the register to another pack. Every step is one transaction over the rows of the packs, so that servers and
 * commands may take any of them at any time, in any order and again.
 *
 * `asked`: servers load the pack. `converting`: no face is stored any more without an embedding of it, and one server makes those
 * that are missing. `complete`: none is; servers read them into memory. Then the pack is in use, for all servers at one moment.
 */
import type { Kysely, Selectable } from 'kysely';
import type { AuditTrail } from '../audit/trail.ts';
import { installation } from '../audit/trail.ts';
import type { Transactions } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import type { PackReportRow, PackRow, Tables } from '../tables.ts';
import { none } from './in-use.ts';
import { forgetFailures, nowOf, reportsNow, update } from './rows.ts';

/** For how long a server may rely on what it has read while no upgrade was under way, in milliseconds. */
export const packsReliableMs = 1_000;
/** An upgrade has been asked for so long before anything follows from it, in milliseconds: every server has noticed it then. */
const noticeMs = 3 * packsReliableMs;
/** How long a server may convert faces without a sign before another one does, in milliseconds. */
const leaseMs = 5_000;

/** Says why an upgrade cannot be changed so; nothing was changed. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly why: 'exists' | 'unknown' | 'invalid';

  constructor(why: UpgradeRefused['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** What a server says of a pack. */
export type PackReport =
  /** It has loaded the pack, whose model is this; and has the faces in memory as far as there is room, if it is `ready`. */
  { readonly state: 'able' | 'ready'; readonly model: string } | { readonly state: 'failed'; readonly message: string };

/** What the operator may ask for, and what servers do about it. */
export interface Upgrades {
  /**
   * Begins an upgrade, or takes up one that is paused or has failed. Of the pack that is in use: what is missing of it is made.
   * @param leavesFailed whether faces that cannot be converted are left behind.
   */
  begin(name: string, leavesFailed: boolean): Promise<void>;
  /** Goes back to the pack that was in use before, or to another one that is kept. @returns its name. */
  revert(name?: string): Promise<string>;
  pause(): Promise<string>;
  resume(): Promise<string>;
  /** Ends the upgrade. @returns the pack; its embeddings are no longer kept up, unless it was kept before. */
  cancel(): Promise<string>;
  /** Keeps a pack no more. */
  release(name: string): Promise<void>;
  /** Keeps no other pack than the one in use any more. @returns their names. */
  forgetKept(): Promise<readonly string[]>;

  /** Says that this server has loaded a pack, or cannot. */
  report(server: string, name: string, report: PackReport): Promise<void>;
  /** What servers say of a pack that have said so lately. */
  reports(name: string): Promise<readonly PackReportRow[]>;
  /** Goes on to the next phase if all servers are so far. */
  advance(name: string): Promise<void>;
  /** Has this server convert faces, if none does. @returns whether it may. */
  claim(server: string, name: string): Promise<boolean>;
  /** Tells how many faces have an embedding, of how many. @returns whether this server is to go on. */
  progress(server: string, name: string, done: number, total: number): Promise<boolean>;
  /** Whether everybody who stores faces by now knows that the pack is required. */
  isSettled(name: string): Promise<boolean>;
  /** Says that no face is without an embedding but `failed` that cannot be converted. */
  finish(server: string, name: string, failed: number): Promise<void>;
  /** The conversion has failed. */
  fail(name: string, message: string): Promise<void>;
}

type Row = Selectable<PackRow>;

/** Opens them. */
export function openUpgrades(
  reader: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  audit: AuditTrail,
): Upgrades {
  /** Nobody else changes packs until the transaction ends. */
  const change = <T>(work: (trx: Kysely<Tables>, rows: readonly Row[]) => Promise<T>): Promise<T> =>
    transactions.run(async (trx) => {
      await dialectOf(trx).lockKeys(trx);
      return work(trx, await trx.selectFrom('packs').selectAll().orderBy('since', 'desc').execute());
    });
  const note = (trx: Kysely<Tables>, action: string, detail: object) =>
    audit.note(trx, installation, { action: `models ${action}`, detail: { ...detail } });
  const set = async (trx: Kysely<Tables>, name: string, values: Parameters<typeof update>[2]): Promise<void> =>
    update(trx, name, values);
  const asked = { phase: 'asked', worker: '', message: '', ...none } as const;

  /** Asks for a pack in the same transaction. */
  const ask = async (trx: Kysely<Tables>, rows: readonly Row[], name: string, leavesFailed: boolean): Promise<void> => {
    const other = rows.find((row) => row.phase !== null && row.name !== name);
    if (other !== undefined) {
      throw new UpgradeRefused(
        'exists',
        `an upgrade to ${other.name} is under way: cancel it, or wait until it is done`,
      );
    }
    const known = rows.find((row) => row.name === name);
    if (known?.phase != null && known.phase !== 'paused' && known.phase !== 'failed') {
      throw new UpgradeRefused('exists', `the upgrade to ${name} is under way`);
    }
    const values = {
      ...asked,
      asked_at: await nowOf(trx),
      leaves_failed: leavesFailed ? 1 : 0,
      // Servers have the faces of a pack in memory that is in use, or was.
      was_complete: known === undefined ? 0 : known.state === 'preparing' ? known.was_complete : 1,
    };
    if (known !== undefined) return set(trx, name, values);
    await trx
      .insertInto('packs')
      .values({ name, model: null, state: 'preparing', required: 0, since: 0, started_at: 0, ...values })
      .execute();
  };
  const underWay = (rows: readonly Row[]): Row => {
    const row = rows.find(({ phase }) => phase !== null);
    if (row === undefined) throw new UpgradeRefused('unknown', 'no upgrade is under way');
    return row;
  };

  return {
    begin: (name, leavesFailed) =>
      change(async (trx, rows) => {
        if (!rows.some(({ state }) => state === 'in use')) {
          throw new UpgradeRefused('unknown', 'no server has been started yet: `familiar models use` chooses a pack');
        }
        await ask(trx, rows, name, leavesFailed);
        await note(trx, 'upgrade', { pack: name, ...(leavesFailed && { without_failed: true }) });
      }),
    revert: (name) =>
      change(async (trx, rows) => {
        const kept = rows.filter(({ state }) => state === 'kept');
        const to = name === undefined ? kept[0] : kept.find((row) => row.name === name);
        if (to === undefined) {
          throw new UpgradeRefused(
            'unknown',
            name === undefined ? 'no other pack is kept' : `the pack ${name} is not kept`,
          );
        }
        // What could not be converted once is no reason to stay.
        await ask(trx, rows, to.name, true);
        await note(trx, 'revert', { pack: to.name });
        return to.name;
      }),
    pause: () =>
      change(async (trx, rows) => {
        const { name, phase } = underWay(rows);
        if (phase !== 'paused') await set(trx, name, { phase: 'paused', worker: '' });
        await note(trx, 'pause', { pack: name });
        return name;
      }),
    resume: () =>
      change(async (trx, rows) => {
        const { name, phase } = underWay(rows);
        if (phase !== 'paused' && phase !== 'failed')
          throw new UpgradeRefused('invalid', `the upgrade to ${name} goes on`);
        await set(trx, name, { ...asked, asked_at: await nowOf(trx) });
        await note(trx, 'resume', { pack: name });
        return name;
      }),
    cancel: () =>
      change(async (trx, rows) => {
        const { name, state } = underWay(rows);
        if (state === 'preparing') await trx.deleteFrom('packs').where('name', '=', name).execute();
        else await set(trx, name, { phase: null, worker: '', message: '' });
        await trx.deleteFrom('pack_reports').execute();
        await note(trx, 'cancel', { pack: name });
        return name;
      }),
    release: (name) =>
      change(async (trx) => {
        await trx.deleteFrom('packs').where('state', '=', 'kept').where('name', '=', name).execute();
        await note(trx, 'release', { pack: name });
      }),
    forgetKept: () =>
      change(async (trx, rows) => {
        const busy = rows.find(({ phase }) => phase !== null);
        if (busy !== undefined) throw new UpgradeRefused('exists', `an upgrade to ${busy.name} is under way`);
        const names = rows.filter(({ state }) => state === 'kept').map(({ name }) => name);
        await trx.deleteFrom('packs').where('state', '=', 'kept').execute();
        await note(trx, 'prune', { packs: names });
        return names;
      }),

    report: (server, name, report) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        if (row?.phase == null || row.phase === 'paused') return;
        let said = report;
        if (said.state !== 'failed' && row.model !== null && row.model !== said.model) {
          said = {
            state: 'failed',
            message: `the pack ${name} of a server is another version than that of the others`,
          };
        }
        const message = said.state === 'failed' ? said.message : '';
        const now = await nowOf(trx);
        await trx
          .insertInto('pack_reports')
          .values({ server, pack: name, seen_at: now, state: said.state, message })
          .onConflict((conflict) =>
            conflict.columns(['server', 'pack']).doUpdateSet({ seen_at: now, state: said.state, message }),
          )
          .execute();
        if (said.state === 'failed') await set(trx, name, { phase: 'failed', message, worker: '' });
        else if (row.model === null) await set(trx, name, { model: said.model });
      }),
    reports: async (name) => (await reportsNow(reader, name)).recent,
    advance: (name) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        if (row === undefined || (row.phase !== 'asked' && row.phase !== 'complete')) return;
        const { now, recent } = await reportsNow(trx, name);
        if (now - row.asked_at < noticeMs || recent.length === 0) return;
        if (row.phase === 'asked' && row.model !== null && recent.every(({ state }) => state !== 'failed')) {
          await trx.updateTable('packs').set({ required: 1 }).where('state', '=', 'in use').execute();
          // What could not be converted before is tried once more.
          await forgetFailures(trx, row.model);
          await set(trx, name, { phase: 'converting', required: 1 });
        }
        if (row.phase !== 'complete' || !recent.every(({ state }) => state === 'ready')) return;
        if (row.state !== 'in use') {
          await trx.updateTable('packs').set({ state: 'kept' }).where('state', '=', 'in use').execute();
          await set(trx, name, { state: 'in use', since: await nowOf(trx) });
        }
        await set(trx, name, { phase: null, worker: '', message: '' });
        await trx.deleteFrom('pack_reports').execute();
        await note(trx, 'switched', { pack: name });
      }),
    claim: (server, name) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        const now = await nowOf(trx);
        if (row?.phase !== 'converting' || (row.worker !== server && row.worker_until > now)) return false;
        await set(trx, name, { worker: server, worker_until: now + leaseMs });
        // In a later transaction than the one in which the pack came to be required.
        if (row.epoch === null) await set(trx, name, { epoch: dialectOf(trx).transactions.next() });
        return true;
      }),
    progress: (server, name, done, total) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        if (row?.phase !== 'converting' || row.worker !== server) return false;
        const now = await nowOf(trx);
        const start = row.total === 0 ? { started_at: now, done_at_start: done } : {};
        await set(trx, name, {
          done,
          total: Math.max(total, done),
          worker_until: now + leaseMs,
          told_at: now,
          ...start,
        });
        return true;
      }),
    async isSettled(name) {
      const row = await reader
        .selectFrom('packs')
        .select(['epoch', dialectOf(reader).transactions.oldest().as('oldest')])
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.epoch != null && row.oldest >= row.epoch;
    },
    finish: (server, name, failed) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        if (row?.phase !== 'converting' || row.worker !== server) return;
        if (failed > 0 && row.leaves_failed === 0) {
          const message = `${failed} ${failed === 1 ? 'face' : 'faces'} cannot be converted`;
          return set(trx, name, { phase: 'failed', message, worker: '' });
        }
        const now = await nowOf(trx);
        return set(trx, name, { phase: 'complete', was_complete: 1, worker: '', asked_at: now });
      }),
    fail: (name, message) =>
      change(async (trx, rows) => {
        const row = rows.find((one) => one.name === name);
        if (row?.phase != null) await set(trx, name, { phase: 'failed', message, worker: '' });
      }),
  };
}
