import type { Fault } from './fault.ts';

const rates = { file: 'concurrency/call-rates.ts', testFile: 'concurrency/call-rates.test.ts' };
const shares = { file: 'store/dialects/postgres/call-shares.ts', testFile: 'postgres/call-shares.test.ts' };
const growth = { file: 'store/growth.ts', testFile: 'store/sqlite.test.ts' };
const quotas = { file: 'http/picture-quotas.ts', testFile: 'http/picture-quotas.test.ts' };
const limits = { file: 'app/caller-limits.ts', testFile: 'app/caller-limits.test.ts' };
const may = 'SQLite: an appid may keep as much as its limits say, and no more: all of the write is undone';

/** Faults in what appids and keys may do. */
export const tenants: readonly Fault[] = [
  {
    ...rates,
    breaks: 'a limit of calls a second is not one for ever',
    right: 'const isOver = this.#now() >= second.endsAt;',
    wrong: 'const isOver = second.endsAt === 0;',
    testName: 'alone, a party does something as often as it may in a second, without waiting, and again in the next',
  },
  {
    ...rates,
    breaks: 'calls do not wait for the database one by one',
    right: '    if (second.left > 0) {\n      second.left -= 1;\n      return true;\n    }\n    if (second.isSpent)',
    wrong:
      '    if (second.left > 0 && this.#leases === undefined) {\n      second.left -= 1;\n      return true;\n    }\n    if (second.isSpent)',
    testName: 'a shared count is asked for a lease, and not again while something is left of it',
  },
  {
    ...rates,
    breaks: 'a lost count of calls is no lost service',
    right: '    } catch {\n      return alone;\n    } finally',
    wrong: '    } finally',
    testName: 'while the shared count fails or hangs, a process counts alone, a second at a time',
  },
  {
    ...shares,
    breaks: 'a limit of calls a second holds over all servers together',
    right: `granted = least(excluded.granted, greatest(0, excluded.calls_max - \${takenBefore})),`,
    wrong: 'granted = excluded.granted,',
    testName: 'whoever asks, no more is granted in a second than the limit, and all of it',
  },
  {
    ...growth,
    breaks: 'an appid has no more persons than it may',
    right: ".where(fits('persons', of.personsMax))",
    wrong: '',
    testName: may,
  },
  {
    ...growth,
    breaks: 'who is over a limit may delete',
    right: `<= 0 or \${sum(name)} <= \${most})\`;`,
    wrong: `= 0 or \${sum(name)} <= \${most})\`;`,
    testName: may,
  },
  {
    ...growth,
    file: 'store/registry.ts',
    breaks: 'what was erased makes room',
    right: 'growth.add({ faces: -erased.faceIds.length, bytes: -erased.bytes });\n      return erased.faceIds;',
    wrong: 'return erased.faceIds;',
    testName: 'SQLite: what an appid keeps is counted, and counted out when it is erased',
  },
  {
    ...quotas,
    breaks: 'pictures in flight are part of the month',
    right: 'month.counted + month.ended + month.inFlight - reserved;',
    wrong: 'month.counted + month.ended;',
    testName:
      'pictures in flight are reserved, those that a call turns out to have too, and given back if they were not analysed',
  },
  {
    ...quotas,
    breaks: 'a new month begins with all of its pictures',
    right: 'if (known?.name === name) return known;',
    wrong: 'if (known !== undefined) return known;',
    testName: 'an appid has as many pictures analysed in a month as it may, to the picture, and again in the next',
  },
  {
    ...quotas,
    breaks: 'what other servers count is part of the month',
    right: 'if (age < dueMs) return;',
    wrong: 'if (month.readAt >= 0) return;',
    testName:
      'what other servers count is known within a second, or a minute where plenty is left, and no call waits for it',
  },
  {
    ...limits,
    breaks: 'what is set for an appid wins over the settings of a server',
    right: 'own.callsInFlight ?? named?.callsMax ?? settings.appidCallsMax',
    wrong: 'named?.callsMax ?? own.callsInFlight ?? settings.appidCallsMax',
    testName: 'what is set for an appid wins over the setting that names it, and that over the setting for all',
  },
  {
    ...limits,
    breaks: 'limits that are changed while the server runs hold from then on',
    right: 'if (now !== known.settings) known = { settings: now, limits: new WeakMap() };',
    wrong: '',
    testName: 'limits are decided once for an appid as it was read, and anew for other settings',
  },
  {
    breaks: 'a setting that needs a restart is not said to be in force',
    file: 'app/live-settings.ts',
    right: 'return row.isLive === true;',
    wrong: 'return row.isSecret !== true;',
    testFile: 'app/live-settings.test.ts',
    testName: 'settings that may change are taken, and the others wait for a restart however often they are read',
  },
  {
    breaks: 'a mistake in the file of settings leaves the server as it was',
    file: 'app/reload.ts',
    right: 'const { changed, waiting } = live.take(read());',
    wrong: 'const { changed, waiting } = live.take({ ...live.now, callsPerSecondMax: 1 });',
    testFile: 'app/reload.test.ts',
    testName: 'settings that cannot be read leave those that are in force',
  },
  {
    breaks: 'the last use of a key does not cost a write for each call',
    file: 'store/key-uses.ts',
    right: 'if (last !== undefined && at - last < exactMs) return false;',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: the last use of a key is written with the next count, and ends with its appid',
  },
];
