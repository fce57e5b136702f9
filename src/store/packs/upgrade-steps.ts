/** The steps of an upgrade that servers take: each is one transaction, and decides by the row whether it is the pack's next one. */
import type { Kysely, Selectable } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import type { PackReportRow, PackRow, Tables } from '../tables.ts';
import { atRest, forgetFailures, nowOf, reportsNow, update } from './rows.ts';

/** For how long a server may rely on what it has read while no upgrade was under way, in milliseconds. */
export const packsReliableMs = 1_000;
/** An upgrade has been asked for so long before anything follows from it, in milliseconds: every server has noticed it then. */
const noticeMs = 3 * packsReliableMs;
/** How long a server may convert faces without a sign before another one does, in milliseconds. */
const leaseMs = 5_000;

/** What a server says of a pack. */
export type PackReport =
  /** It has loaded the pack, whose model is this; and has the faces in memory as far as there is room, if it is `ready`. */
  { readonly state: 'able' | 'ready'; readonly model: string } | { readonly state: 'failed'; readonly message: string };

/** What servers do about an upgrade. */
export interface UpgradeSteps {
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
  /** Has no face stored any more without an embedding of the pack; of a pack of which that is so already, does nothing. */
  require(server: string, name: string): Promise<void>;
  /** Whether the pack is required, and everybody who stores faces by now knows that. */
  isSettled(name: string): Promise<boolean>;
  /** Says that no face is without an embedding but `failed` that cannot be converted. */
  finish(server: string, name: string, failed: number): Promise<void>;
}

/** The row of a pack as a transaction has read it. */
export type Row = Selectable<PackRow>;
/** Runs a transaction in which nobody else changes packs. */
export type ChangePacks = <T>(work: (trx: Kysely<Tables>, rows: readonly Row[]) => Promise<T>) => Promise<T>;
/** Has the audit tell what was done. */
export type NoteAct = (trx: Kysely<Tables>, action: string, detail: object) => Promise<unknown>;

/**
 * Notes which transactions may not know that a pack is required: those before the next. To be called in a later transaction than the
 * one in which it came to be so.
 */
async function beginEpoch(trx: Kysely<Tables>, { name, required, epoch }: Row): Promise<void> {
  if (required === 1 && epoch === null) await update(trx, name, { epoch: dialectOf(trx).transactions.next() });
}

/** Opens them. */
export function openSteps(reader: Kysely<Tables>, change: ChangePacks, note: NoteAct): UpgradeSteps {
  const ofPack = <T>(name: string, step: (trx: Kysely<Tables>, row: Row | undefined) => Promise<T>): Promise<T> =>
    change((trx, rows) =>
      step(
        trx,
        rows.find((row) => row.name === name),
      ),
    );
  return {
    report: (server, name, report) => ofPack(name, (trx, row) => noteReport(trx, row, server, report)),
    reports: async (name) => (await reportsNow(reader, name)).recent,
    advance: (name) => ofPack(name, (trx, row) => advance(trx, row, note)),
    claim: (server, name) => ofPack(name, (trx, row) => claim(trx, row, server)),
    progress: (server, name, done, total) =>
      ofPack(name, (trx, row) => noteProgress(trx, row, server, { done, total: Math.max(total, done) })),
    async require(server, name) {
      await ofPack(name, async (trx, row) => {
        if (isConvertedBy(server, row) && row.required === 0) await update(trx, name, { required: 1, epoch: null });
      });
      await ofPack(name, async (trx, row) => {
        if (isConvertedBy(server, row)) await beginEpoch(trx, row);
      });
    },
    async isSettled(name) {
      const row = await reader
        .selectFrom('packs')
        .select(['required', 'epoch', dialectOf(reader).transactions.oldest().as('oldest')])
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.required === 1 && row.epoch != null && row.oldest >= row.epoch;
    },
    finish: (server, name, failed) => ofPack(name, (trx, row) => finish(trx, row, server, failed)),
  };
}

function isConvertedBy(server: string, row: Row | undefined): row is Row {
  return row?.phase === 'converting' && row.worker === server;
}

async function noteReport(
  trx: Kysely<Tables>,
  row: Row | undefined,
  server: string,
  report: PackReport,
): Promise<void> {
  if (row?.phase == null || row.phase === 'paused') return;
  const { name } = row;
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
  if (said.state === 'failed') await update(trx, name, { phase: 'failed', message, ...atRest(row) });
  else if (row.model === null) await update(trx, name, { model: said.model });
}

async function advance(trx: Kysely<Tables>, row: Row | undefined, note: NoteAct): Promise<void> {
  if (row === undefined || (row.phase !== 'asked' && row.phase !== 'complete')) return;
  const { name } = row;
  const { now, recent } = await reportsNow(trx, name);
  if (now - row.asked_at < noticeMs || recent.length === 0) return;
  if (row.phase === 'asked' && row.model !== null && recent.every(({ state }) => state !== 'failed')) {
    await trx.updateTable('packs').set({ required: 1 }).where('state', '=', 'in use').execute();
    // What could not be converted before is tried once more.
    await forgetFailures(trx, row.model);
    await update(trx, name, { phase: 'converting', required: row.state === 'preparing' ? 0 : 1 });
  }
  if (row.phase !== 'complete' || !recent.every(({ state }) => state === 'ready')) return;
  if (row.state !== 'in use') {
    await trx.updateTable('packs').set({ state: 'kept' }).where('state', '=', 'in use').execute();
    await update(trx, name, { state: 'in use', since: await nowOf(trx) });
  }
  await update(trx, name, { phase: null, worker: '', message: '' });
  await trx.deleteFrom('pack_reports').execute();
  await note(trx, 'switched', { pack: name });
}

async function claim(trx: Kysely<Tables>, row: Row | undefined, server: string): Promise<boolean> {
  const now = await nowOf(trx);
  if (row?.phase !== 'converting' || (row.worker !== server && row.worker_until > now)) return false;
  await update(trx, row.name, { worker: server, worker_until: now + leaseMs });
  await beginEpoch(trx, row);
  return true;
}

async function noteProgress(
  trx: Kysely<Tables>,
  row: Row | undefined,
  server: string,
  counts: Pick<Row, 'done' | 'total'>,
): Promise<boolean> {
  if (!isConvertedBy(server, row)) return false;
  const now = await nowOf(trx);
  const start = row.total === 0 ? { started_at: now, done_at_start: counts.done } : {};
  await update(trx, row.name, { ...counts, worker_until: now + leaseMs, told_at: now, ...start });
  return true;
}

async function finish(trx: Kysely<Tables>, row: Row | undefined, server: string, failed: number): Promise<void> {
  if (!isConvertedBy(server, row) || row.required === 0) return;
  const { name } = row;
  if (failed > 0 && row.leaves_failed === 0) {
    const message = `${failed} ${failed === 1 ? 'face' : 'faces'} cannot be converted`;
    return update(trx, name, { phase: 'failed', message, ...atRest(row) });
  }
  const now = await nowOf(trx);
  return update(trx, name, { phase: 'complete', was_complete: 1, worker: '', asked_at: now });
}
