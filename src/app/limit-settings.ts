/** The settings that limit what each appid may do and keep; `familiar tenants` sets such limits for one of them. */
import { appidLimits } from './appid-limits.ts';
import type { SettingRow } from './setting-row.ts';
import { whole } from './setting-schemas.ts';

/** Their part of the table of settings. */
export const limitSettings = {
  appidCallsMax: {
    schema: whole(1, 1_000_000),
    fallback: '256',
    value: 'number',
    about: 'Calls of one appid in flight (code 15).',
    isLive: true,
  },
  appidPicturesMax: {
    schema: whole(1, 1_000_000),
    fallback: '128',
    value: 'number',
    about: 'Pictures of one appid in flight (code 15); a call with more of them is taken alone.',
    isLive: true,
  },
  appidLimits: {
    schema: appidLimits,
    fallback: '',
    value: 'limits',
    about:
      'Limits of single appids in the place of `--appid-calls-max` and `--appid-pictures-max`, as `1000001:calls=512:pictures=64`; several separated by commas.',
    isLive: true,
  },
  callsPerSecondMax: {
    schema: whole(0, 1_000_000),
    fallback: '0',
    value: 'number',
    about: 'Calls a second of one appid; 0 for no limit (code 15).',
    isLive: true,
  },
  groupsMax: {
    schema: whole(1, 1_000_000_000),
    fallback: '5000',
    value: 'number',
    about: 'Groups of one appid (code -1311).',
    isLive: true,
  },
  personsPerGroupMax: {
    schema: whole(1, 1_000_000_000),
    fallback: '20000',
    value: 'number',
    about: 'Persons of one group (code -1310).',
    isLive: true,
  },
  facesPerPersonMax: {
    schema: whole(1, 10_000),
    fallback: '20',
    value: 'number',
    about: 'Faces of one person (code -1309).',
    isLive: true,
  },
  enrolQualityMin: {
    schema: whole(0, 100),
    fallback: '0',
    value: 'score',
    about:
      'Least quality, 0 to 100, of a face that newperson and addface take (code -1103); 0 takes every face. What is blurred or covered has less than 50.',
    isLive: true,
  },
} as const satisfies Record<string, SettingRow>;
