/** The operator's order to list persons who were not seen for long. */
import type { Stores } from '../../store/open.ts';
import { OrderRefused } from './order.ts';
import { unknownTenant } from './tenants.ts';

/** A person who is due. */
export interface DueReport {
  readonly person: string;
  /** The day on which it was last seen, `2026-11-30` in UTC. */
  readonly lastSeen: string;
  readonly faces: number;
}

/** Persons who are due, and what is set. */
export interface RetentionReport {
  /** Undefined if the appid sets none. */
  readonly days: number | undefined;
  /** Whether persons who are due are erased. */
  readonly isErasing: boolean;
  readonly persons: readonly DueReport[];
  /** After whom there are more. */
  readonly next: string | undefined;
}

/** What retention is read of. */
export type RetentionStores = Pick<Stores, 'retention' | 'tenants'>;

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Lists persons who are due, in the order of their ids.
 * @param days as if the appid set so many; what it sets if absent.
 * @throws OrderRefused if there is no such appid.
 */
export async function listDue(
  stores: RetentionStores,
  appid: string,
  { after, count, days: asked }: { readonly after: string; readonly count: number; readonly days?: number | undefined },
): Promise<RetentionReport> {
  const [tenant] = await stores.tenants.list(appid);
  if (tenant === undefined) throw unknownTenant(appid);
  const { retentionDays, retention } = tenant.limits;
  const days = asked ?? retentionDays;
  const isErasing = retention === 'erase' && retentionDays !== undefined;
  if (days === undefined) return { days, isErasing, persons: [], next: undefined };
  const due = await stores.retention.due(appid, days, after, count);
  return {
    days,
    isErasing,
    persons: due.map(({ personId, lastDay, faces }) => ({
      ...{ person: personId, faces },
      lastSeen: new Date(lastDay * dayMs).toISOString().slice(0, 10),
    })),
    next: due.length < count ? undefined : due.at(-1)?.personId,
  };
}

/** Reads a number of days that was asked for. @throws OrderRefused. */
export function readDays(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(word)) return Number(word);
  throw new OrderRefused('invalid', `days ${word}: a whole number from 1 to 99999`);
}
