/** The rows of usage and statements. */
import type { Generated } from 'kysely';

/** The calls of one appid, day, key, endpoint and code. */
export interface UsageCountRow {
  appid: string;
  /** `2026-11-30`; a month, `2026-11`, of days long past. */
  day: string;
  secret_id: string;
  endpoint: string;
  /** The code that they were answered with. */
  code: number;
  /** The server that counts them, as long as the day may go on; empty where servers do not wait for each other at a row. */
  node: string;
  calls: number;
  pictures: number;
  faces: number;
}

/** The same of calls that wrote nothing. */
export interface PlainCountRow extends UsageCountRow {
  /** The number of the last transaction of the server that added to it; 0 where servers have none. */
  batch: Generated<number>;
}

/** The calls of one appid, month and endpoint, as versions before counted them. */
export interface MonthCountRow {
  appid: string;
  /** `2026-11`. */
  month: string;
  endpoint: string;
  ok: number;
  failed: number;
  pictures: number;
  faces: number;
}

/** The statement of a month that was closed. Never changed once written. */
export interface StatementRow {
  appid: string;
  /** `2026-11`. */
  month: string;
  /** JSON. */
  content: string;
}
