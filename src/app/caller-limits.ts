/**
 * Decides the limits of each appid, the one place where those who set them meet: what `familiar tenants` has set for the
 * appid wins over `--appid-limits`, and that over the settings for all.
 */
import type { Tenant, TenantLimits } from '../auth/keys.ts';
import type { CallerLimits, LimitsOf } from '../http/limits.ts';
import type { Settings } from './settings.ts';

/** The settings that limit appids. */
export type LimitSettings = Pick<
  Settings,
  | 'callsPerSecondMax'
  | 'appidCallsMax'
  | 'appidPicturesMax'
  | 'appidLimits'
  | 'groupsMax'
  | 'personsPerGroupMax'
  | 'facesPerPersonMax'
  | 'enrolQualityMin'
>;

/**
 * From this score on a new face resembles another person: two pairs of strangers in a million do at most (bench/results/check.md), so that one
 * enrolment in a hundred meets one among 5,000 persons.
 */
const resemblingScore = 92;

/**
 * The limits of an appid.
 * @param own what was set for it alone.
 */
export function limitsOf(settings: LimitSettings, appid: string, own: TenantLimits): CallerLimits {
  const named = settings.appidLimits.get(appid);
  return {
    callsPerSecondMax: own.callsPerSecond ?? settings.callsPerSecondMax,
    callsMax: own.callsInFlight ?? named?.callsMax ?? settings.appidCallsMax,
    picturesMax: own.picturesInFlight ?? named?.picturesMax ?? settings.appidPicturesMax,
    groupsMax: own.groups ?? settings.groupsMax,
    personsPerGroupMax: settings.personsPerGroupMax,
    facesPerPersonMax: settings.facesPerPersonMax,
    ...(own.picturesPerMonth !== undefined && { picturesPerMonthMax: own.picturesPerMonth }),
    ...(own.persons !== undefined && { personsMax: own.persons }),
    ...(own.faces !== undefined && { facesMax: own.faces }),
    ...(own.bytes !== undefined && { bytesMax: own.bytes }),
    enrolQualityMin: own.enrolQuality ?? settings.enrolQualityMin,
    ...(own.resembling !== undefined && {
      resembling: { isRefused: own.resembling === 'refuse', leastScore: own.resemblingScore ?? resemblingScore },
    }),
  };
}

/**
 * Keeps the limits of an appid as long as the key store keeps the appid, and the settings are the same.
 * @param settings asked for with each call: another object than before holds other settings.
 */
export function keepLimits(settings: () => LimitSettings): LimitsOf {
  let known = { settings: settings(), limits: new WeakMap<Tenant, CallerLimits>() };
  return (tenant) => {
    const now = settings();
    if (now !== known.settings) known = { settings: now, limits: new WeakMap() };
    const kept = known.limits.get(tenant);
    if (kept !== undefined) return kept;
    const limits = limitsOf(now, tenant.appid, tenant.limits);
    known.limits.set(tenant, limits);
    return limits;
  };
}
