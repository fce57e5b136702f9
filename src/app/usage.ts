/** Reports of the counted calls (docs/contract.md §5): what the command line and the operator's server show. */
import type { Product } from '../contract/endpoint.ts';
import { type EndpointName, endpoints } from '../contract/endpoints.ts';
import type { UsageDimension, UsageLedger, UsageRow } from '../domain/stores.ts';
import { lastDayOf } from '../store/usage-report.ts';
import { daysOf } from './calendar.ts';

/** What the rows of a report may be told apart by, and what the store calls it. */
const dimensions = {
  month: 'month',
  day: 'day',
  key: 'secretId',
  endpoint: 'endpoint',
  product: 'endpoint',
  code: 'code',
} as const satisfies Record<string, UsageDimension>;

/** What the rows of a report may be told apart by, besides their appid. */
export type UsageBy = keyof typeof dimensions;
/** All of them. */
export const usageBy = Object.keys(dimensions) as readonly UsageBy[];

/** What a report is asked for. */
export interface UsageRequest {
  /** First and last day, `2026-11-01`. */
  readonly from: string;
  readonly to: string;
  /** Of this appid only. */
  readonly appid?: string | undefined;
  /** In which order rows are told apart and sorted. By product, a call counts for each of its products, and not if it has none. */
  readonly by: readonly UsageBy[];
}

/** One line of a report: what it is about, and what was counted. */
export interface ReportRow extends Readonly<Partial<Record<Exclude<UsageBy, 'code' | 'product'>, string>>> {
  readonly appid: string;
  readonly product?: Product;
  readonly code?: number;
  /** Calls answered with code 0. */
  readonly ok: number;
  /** Calls answered with any other code. */
  readonly failed: number;
  readonly pictures: number;
  readonly faces: number;
  /** What the calls of an endpoint are charged as; empty where they are counted, never charged. */
  readonly products?: readonly Product[];
}

/** The counted calls of a span of days, of one appid or of all. */
export async function usageReport(
  usage: Pick<UsageLedger, 'report'>,
  { from, to, appid, by }: UsageRequest,
): Promise<readonly ReportRow[]> {
  const rows = await usage.report({ from, to, appid, by: by.map((name) => dimensions[name]) });
  return by.includes('product') ? byProduct(rows, by) : rows.map((row) => lineOf(row, by));
}

function byProduct(rows: readonly UsageRow[], by: readonly UsageBy[]): readonly ReportRow[] {
  const sums = new Map<string, ReportRow>();
  for (const row of rows) {
    for (const product of productsOf(row.endpoint ?? '')) {
      const line = lineOf(row, by, product);
      const key = JSON.stringify([line.appid, ...by.map((name) => line[name])]);
      const sum = sums.get(key) ?? { ...line, ok: 0, failed: 0, pictures: 0, faces: 0 };
      const { ok, failed, pictures, faces } = row;
      sums.set(key, {
        ...sum,
        ok: sum.ok + ok,
        failed: sum.failed + failed,
        pictures: sum.pictures + pictures,
        faces: sum.faces + faces,
      });
    }
  }
  return [...sums.values()];
}

function lineOf(row: UsageRow, by: readonly UsageBy[], product?: Product): ReportRow {
  const { appid, ok, failed, pictures, faces } = row;
  const about = by.map((name) => [name, name === 'product' ? product : row[dimensions[name]]]);
  const line = { appid, ...Object.fromEntries(about), ok, failed, pictures, faces };
  return by.includes('endpoint') && product === undefined ? { ...line, products: productsOf(row.endpoint!) } : line;
}

/** The products that calls of an endpoint are charged as. A register outlives its server's version: an endpoint that is no more has none. */
export function productsOf(endpoint: string): readonly Product[] {
  return Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint as EndpointName].products : [];
}

/**
 * How many calls of a span of days are in no report of it: they were counted by month, and the span has a part of the month only.
 * @returns for each such month, in order.
 */
export async function countsLeftOut(
  usage: Pick<UsageLedger, 'report'>,
  { from, to, appid }: Pick<UsageRequest, 'from' | 'to' | 'appid'>,
): Promise<readonly { readonly month: string; readonly calls: number }[]> {
  const [first, last] = [from.slice(0, 7), to.slice(0, 7)];
  const cut = new Set<string>();
  if (!from.endsWith('-01')) cut.add(first);
  if (to !== lastDayOf(to)) cut.add(last);
  const left = [];
  for (const month of cut) {
    const rows = await usage.report({ ...daysOf(month), appid, by: ['day'] });
    const calls = rows.filter(({ day }) => day === month).reduce((sum, { ok, failed }) => sum + ok + failed, 0);
    if (calls > 0) left.push({ month, calls });
  }
  return left;
}
