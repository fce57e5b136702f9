/**
 * Upgrades of the register to another pack, as the operator asks for them. Every step is one transaction over the rows of the packs,
 * so that servers and commands may take any of them at any time, in any order and again.
 *
 * `asked`: servers load the pack. `converting`: one server makes the embeddings that are missing, until few are; then the pack is
 * required: no face is stored any more without an embedding of it, so that the last ones can be made. `complete`: none is missing;
 * servers read them into memory. Then the pack is in use, for all servers at one moment.
 */
import type { Kysely } from 'kysely';
import type { AuditTrail } from '../audit/trail.ts';
import { installation } from '../audit/trail.ts';
import type { Transactions } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import type { Tables } from '../tables.ts';
import { none } from './in-use.ts';
import { atRest, nowOf, update } from './rows.ts';
import { type ChangePacks, type NoteAct, openSteps, type Row, type UpgradeSteps } from './upgrade-steps.ts';

/** Says why an upgrade cannot be changed so; nothing was changed. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly why: 'exists' | 'unknown' | 'invalid';

  constructor(why: UpgradeRefused['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** What the operator may ask for, and what servers do about it. */
export interface Upgrades extends UpgradeSteps {
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
}

/** The columns of a pack that has just been asked for. */
const asked = { phase: 'asked', worker: '', message: '', ...none } as const;

/** Opens them. */
export function openUpgrades(
  reader: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  audit: AuditTrail,
): Upgrades {
  /** Nobody else changes packs until the transaction ends. */
  const change: ChangePacks = (work) =>
    transactions.run(async (trx) => {
      await dialectOf(trx).lockKeys(trx);
      return work(trx, await trx.selectFrom('packs').selectAll().orderBy('since', 'desc').execute());
    });
  const note: NoteAct = (trx, action, detail) =>
    audit.note(trx, installation, { action: `models ${action}`, detail: { ...detail } });
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
        const row = underWay(rows);
        const { name, phase } = row;
        if (phase !== 'paused') await update(trx, name, { phase: 'paused', ...atRest(row) });
        await note(trx, 'pause', { pack: name });
        return name;
      }),
    resume: () =>
      change(async (trx, rows) => {
        const { name, phase } = underWay(rows);
        if (phase !== 'paused' && phase !== 'failed')
          throw new UpgradeRefused('invalid', `the upgrade to ${name} goes on`);
        await update(trx, name, { ...asked, asked_at: await nowOf(trx) });
        await note(trx, 'resume', { pack: name });
        return name;
      }),
    cancel: () =>
      change(async (trx, rows) => {
        const { name, state } = underWay(rows);
        if (state === 'preparing') await trx.deleteFrom('packs').where('name', '=', name).execute();
        else await update(trx, name, { phase: null, worker: '', message: '' });
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
    ...openSteps(reader, change, note),
  };
}

/** Asks for a pack; one upgrade is under way at a time. */
async function ask(trx: Kysely<Tables>, rows: readonly Row[], name: string, leavesFailed: boolean): Promise<void> {
  const other = rows.find((row) => row.phase !== null && row.name !== name);
  if (other !== undefined) {
    throw new UpgradeRefused('exists', `an upgrade to ${other.name} is under way: cancel it, or wait until it is done`);
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
  if (known !== undefined) return update(trx, name, values);
  await trx
    .insertInto('packs')
    .values({ name, model: null, state: 'preparing', required: 0, since: 0, started_at: 0, ...values })
    .execute();
}

function underWay(rows: readonly Row[]): Row {
  const row = rows.find(({ phase }) => phase !== null);
  if (row === undefined) throw new UpgradeRefused('unknown', 'no upgrade is under way');
  return row;
}
