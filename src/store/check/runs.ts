/** The last check of each registry: which run it is, whether it lives, and what it counted. */
import type { Kysely } from 'kysely';
import type { CheckRow, Tables } from '../tables.ts';

/** A run without a sign of life for so long is over, in milliseconds. */
export const lostAfterMs = 60_000;

/** What is known of the last check. */
export interface CheckRun {
  readonly run: string;
  /** `lost`: it ended without a word, as when its process died. */
  readonly state: 'running' | 'done' | 'failed' | 'lost';
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  /** When it last gave a sign of life, or ended. */
  readonly seenAt: number;
  /** Persons that were compared, and are to be: each as often as it is compared with others. */
  readonly done: number;
  readonly total: number;
  /** What it counted; undefined unless it is done. */
  readonly outcome: CheckOutcome | undefined;
}

/** What a check counted. */
export interface CheckOutcome {
  readonly persons: number;
  readonly faces: number;
  /** Persons with one face. */
  readonly single: number;
  /** Faces of which no quality is known. */
  readonly unknownQuality: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** Whether there was more than a check keeps. */
  readonly isCut: boolean;
}

/** Begins a run, in one statement. @returns false if another one lives. */
export async function beginRun(db: Kysely<Tables>, appid: string, run: string, now: number): Promise<boolean> {
  const row = { run, state: 'running', began_at: now, seen_at: now, done: 0, total: 0, outcome: '' } as const;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('checks')
    .values({ appid, ...row })
    .onConflict((conflict) =>
      conflict
        .column('appid')
        .doUpdateSet(row)
        .where((eb) => eb.or([eb('checks.state', '<>', 'running'), eb('checks.seen_at', '<', now - lostAfterMs)])),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Notes how a run does. @returns false if it is not the last one any more. */
export async function noteRun(
  db: Kysely<Tables>,
  appid: string,
  run: string,
  change: Partial<Pick<CheckRow, 'state' | 'seen_at' | 'done' | 'total' | 'outcome'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('checks')
    .set(change)
    .where('appid', '=', appid)
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The last run; undefined if there was none. */
export async function findRun(db: Kysely<Tables>, appid: string, now: number): Promise<CheckRun | undefined> {
  const row = await db.selectFrom('checks').selectAll().where('appid', '=', appid).executeTakeFirst();
  if (row === undefined) return undefined;
  const { run, state, began_at: beganAt, seen_at: seenAt, done, total, outcome } = row;
  const isLost = state === 'running' && seenAt < now - lostAfterMs;
  return {
    ...{ run, beganAt, seenAt, done, total },
    state: isLost ? 'lost' : state,
    outcome: outcome === '' ? undefined : (JSON.parse(outcome) as CheckOutcome),
  };
}
