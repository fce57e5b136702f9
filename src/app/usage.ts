/** Makes a monthly report from the counted calls (docs/contract.md §5). */
import type { Product } from '../contract/endpoint.ts';
import { type EndpointName, endpoints } from '../contract/endpoints.ts';
import type { UsageLedger, UsageRow } from '../domain/stores.ts';

/** One line of a report: what was counted, and the products that the calls are charged as. */
export interface ReportRow extends UsageRow {
  /** Empty where calls are counted, never charged. */
  readonly products: readonly Product[];
}

/** The calls of a month, `2026-11`, of one appid or of all. */
export async function usageReport(
  usage: Pick<UsageLedger, 'report'>,
  month: string,
  appid?: string,
): Promise<readonly ReportRow[]> {
  const rows = await usage.report(month, appid);
  return rows.map((row) => ({ ...row, products: productsOf(row.endpoint) }));
}

const minuteMs = 60_000;

/** Tells the calendar month of now in a time zone, as `2026-11`; every zone's months begin on a full minute. */
export function createMonth(timeZone: string, now: () => number): () => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' });
  let known = { minute: Number.NaN, month: '' };
  return () => {
    const ms = now();
    const minute = Math.floor(ms / minuteMs);
    if (minute !== known.minute) {
      const parts = format.formatToParts(ms);
      const value = (type: string) => parts.find((part) => part.type === type)?.value;
      known = { minute, month: `${value('year')}-${value('month')}` };
    }
    return known.month;
  };
}

/** A register outlives its server's version: an endpoint that is no more is still reported, uncharged. */
function productsOf(endpoint: string): readonly Product[] {
  return Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint as EndpointName].products : [];
}
