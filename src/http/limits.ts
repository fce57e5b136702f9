/** What a caller may do: limits of the appid, whoever set them. */
import type { Tenant } from '../auth/keys.ts';
import type { ResemblingRule } from '../domain/context.ts';
import type { Limits } from '../domain/stores.ts';
import type { AppidLimits } from './admission.ts';

/** What an appid may do and keep on this server. */
export interface CallerLimits extends AppidLimits, Limits {
  /** Calls a second; 0 for no limit. */
  readonly callsPerSecondMax: number;
  /** Pictures analysed in a calendar month; no limit if absent. */
  readonly picturesPerMonthMax?: number;
  /** Faces of a lower quality, 0 to 100, are not enrolled. */
  readonly enrolQualityMin: number;
  /** What becomes of a new face that resembles another person; nothing if absent. */
  readonly resembling?: ResemblingRule;
}

/** The limits of an appid, asked for with each of its calls. */
export type LimitsOf = (tenant: Tenant) => CallerLimits;
