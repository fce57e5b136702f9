/** Writes when persons were seen, and erases those who were not for as long as their appid wants, while the server runs. */
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { actingAs, currentAct } from '../store/audit/act.ts';
import type { Stores } from '../store/open.ts';
import { doRegularly } from './upkeep.ts';

/** How often it is done, in milliseconds. */
export interface RetentionTimes {
  /** How often it is written who was seen. */
  readonly writingMs: number;
  /** How often persons who are due are looked for. */
  readonly lookingMs: number;
  /** How long after that they are erased, unless they were seen meanwhile: every server has written by then whom it has seen. */
  readonly waitingMs: number;
}

const usual: RetentionTimes = { writingMs: 60_000, lookingMs: 60 * 60 * 1_000, waitingMs: 3 * 60_000 };

/** Of an appid so many are erased in one round, so many in a transaction, with a rest after each, in milliseconds: calls go first. */
const [roundMax, batchMax, restMs] = [5_000, 10, 250];

/** Begins it; disposing waits for what is under way. */
export function keepRetention(
  stores: Pick<Stores, 'retention' | 'tenants'>,
  log: Pick<Logger, 'info' | 'warn'>,
  { writingMs, lookingMs, waitingMs }: RetentionTimes = usual,
): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const write = (): Promise<void> => stores.retention.writeSightings();
  const round = async (): Promise<void> => {
    const due = await allDue(stores);
    if (due.length === 0) return;
    await setTimeout(waitingMs, undefined, { signal, ref: false });
    await write();
    for (const one of due) await erase(stores, one, log, signal);
  };
  const failed = (err: unknown): void => {
    if (!signal.aborted)
      log.warn({ err }, 'persons who were not seen for long could not be looked for; it is tried again');
  };
  const writing = doRegularly(write, writingMs, (err) =>
    log.warn({ err }, 'when persons were seen could not be written; it is tried again'),
  );
  const looking = doRegularly(round, lookingMs, failed);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await looking[Symbol.asyncDispose]();
      await writing[Symbol.asyncDispose]();
      await write().catch((err: unknown) => log.warn({ err }, 'when persons were seen could not be written'));
    },
  };
}

/** Those who are due in an appid that has them erased. */
interface DueInAppid {
  readonly appid: string;
  readonly days: number;
  readonly personIds: readonly string[];
}

async function allDue({ retention, tenants }: Pick<Stores, 'retention' | 'tenants'>): Promise<readonly DueInAppid[]> {
  const all: DueInAppid[] = [];
  for (const { appid, limits } of await tenants.list()) {
    const { retentionDays: days } = limits;
    if (limits.retention !== 'erase' || days === undefined) continue;
    const due = await retention.due(appid, days, '', roundMax);
    if (due.length > 0) all.push({ appid, days, personIds: due.map(({ personId }) => personId) });
  }
  return all;
}

async function erase(
  { retention, tenants }: Pick<Stores, 'retention' | 'tenants'>,
  { appid, personIds }: DueInAppid,
  log: Pick<Logger, 'info'>,
  signal: AbortSignal,
): Promise<void> {
  let erased = 0;
  for (let i = 0; i < personIds.length; i += batchMax) {
    // What is set now counts: somebody may have taken it back.
    const [tenant] = await tenants.list(appid);
    const { retention: mode, retentionDays: days } = tenant?.limits ?? {};
    if (mode !== 'erase' || days === undefined) break;
    const some = personIds.slice(i, i + batchMax);
    const act = { ...currentAct(), kind: 'server', action: 'retention erase' } as const;
    erased += await actingAs(act, () => retention.eraseDue(appid, days, some));
    await setTimeout(restMs, undefined, { signal, ref: false });
  }
  if (erased > 0) log.info({ appid, persons: erased }, 'persons who were not seen for long were erased');
}
