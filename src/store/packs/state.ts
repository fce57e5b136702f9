/** The packs of a register as their rows tell them. */
import type { Kysely, Selectable } from 'kysely';
import { prepare } from '../prepared.ts';
import type { PackRow, Tables } from '../tables.ts';

/** How far an upgrade is. */
export interface UpgradeState {
  readonly phase: NonNullable<PackRow['phase']>;
  /** Faces that have an embedding of the pack, of so many. */
  readonly done: number;
  readonly total: number;
  /** How many of them had one when the conversion began, and how many seconds later the progress was told last. */
  readonly doneAtStart: number;
  readonly seconds: number;
  /** Whether faces that cannot be converted are left without an embedding. */
  readonly leavesFailed: boolean;
  /** Whether servers may have read the pack's embeddings: what is added later is told by the change feed. */
  readonly wasComplete: boolean;
  /** Why it failed; empty if it did not. */
  readonly message: string;
}

/** A pack whose embeddings the register keeps. */
export interface PackState {
  readonly name: string;
  /** Digest of its model; null until a server has loaded it. */
  readonly model: string | null;
  readonly state: PackRow['state'];
  /** Whether no face is stored any more without an embedding of it. */
  readonly isRequired: boolean;
  /** When it came to be in use, in milliseconds since 1970 by the database's clock; 0 if it is not known. */
  readonly since: number;
  /** The upgrade to it that is under way. */
  readonly upgrade: UpgradeState | undefined;
}

/** Every pack, by name. */
export async function readPacks(db: Kysely<Tables>): Promise<readonly PackState[]> {
  return (await packsQuery(db, {})).map(stateOf);
}

/** The pack in use; undefined until a server has started, or one was chosen. */
export async function packInUseOf(db: Kysely<Tables>): Promise<PackState | undefined> {
  return (await readPacks(db)).find(({ state }) => state === 'in use');
}

/** Whether an upgrade may have embedded faces since the packs were as they are given: the feed does not tell of that. */
export async function areConverting(db: Kysely<Tables>, before: readonly PackState[]): Promise<boolean> {
  const now = await readPacks(db);
  const isUnderWay = [...before, ...now].some(({ upgrade }) => upgrade?.phase === 'converting');
  return isUnderWay || JSON.stringify(now) !== JSON.stringify(before);
}

const packsQuery = prepare((db: Kysely<Tables>, _: object) => db.selectFrom('packs').selectAll().orderBy('name'));

/** A pack as its row tells it. */
export function stateOf(row: Selectable<PackRow>): PackState {
  const { phase } = row;
  return {
    name: row.name,
    model: row.model,
    state: row.state,
    isRequired: row.required === 1,
    since: row.since,
    upgrade:
      phase === null
        ? undefined
        : {
            phase,
            done: row.done,
            total: row.total,
            doneAtStart: row.done_at_start,
            seconds: Math.max(0, row.told_at - row.started_at) / 1000,
            leavesFailed: row.leaves_failed === 1,
            wasComplete: row.was_complete === 1,
            message: row.message,
          },
  };
}
