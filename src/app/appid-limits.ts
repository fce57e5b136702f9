/** The setting that gives single appids limits of their own. */
import { z } from 'zod';

/** What an appid may have in flight, as far as it differs from the others. */
export interface OwnLimits {
  readonly callsMax?: number;
  readonly picturesMax?: number;
}

/** `1000001:calls=512:pictures=64`: the appid, and one or both of its limits. */
const entry = /^(\d{1,20})((?::(?:calls|pictures)=\d{1,7}){1,2})$/;

/** Reads a list of entries, separated by commas, or a JSON list of them. An appid that is named twice is a fault. */
export const appidLimits = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((text) => text.trim() !== '') : value),
    z.array(z.string().trim().regex(entry, 'expected appid:calls=number:pictures=number')),
  )
  .transform((entries) => entries.map(readEntry))
  .refine((read) => new Set(read.map(([appid]) => appid)).size === read.length, 'an appid is named twice')
  .transform((read): ReadonlyMap<string, OwnLimits> => new Map(read));

function readEntry(text: string): readonly [appid: string, limits: OwnLimits] {
  const [, appid = '', limits = ''] = entry.exec(text) ?? [];
  const numberOf = (name: string): number | undefined => {
    const digits = new RegExp(`:${name}=(\\d+)`).exec(limits)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [callsMax, picturesMax] = [numberOf('calls'), numberOf('pictures')];
  return [appid, { ...(callsMax !== undefined && { callsMax }), ...(picturesMax !== undefined && { picturesMax }) }];
}
