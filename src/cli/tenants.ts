/** The commands that manage appids. */
import { createDay } from '../app/calendar.ts';
import { openData } from '../app/create-app.ts';
import { limitNames, wordsOf } from '../app/operator/tenant-limits.ts';
import {
  addTenant,
  readTenantWords,
  refuseUnlessAppid,
  reportTenant,
  reportTenants,
  setTenant,
  type TenantReport,
  tenantSource,
  unknownTenant,
} from '../app/operator/tenants.ts';
import { describePlace, openReport, registerExists } from '../app/report.ts';
import type { Settings } from '../app/settings.ts';
import { type CommandBody, type Flags, ordered } from './command.ts';
import { type Output, printFields, printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';

/** `tenants add`: an appid without a key. */
export const addTenantCommand: CommandBody = ordered(async (settings, flags, { output }, [appid = '']) => {
  refuseUnlessAppid(appid);
  const change = changeOf(flags);
  await using stores = await openData(settings);
  await addTenant(stores, appid, change);
  tell(output, flags, await reportTenant(tenantSource(stores), monthOf(settings), appid));
  return 0;
});

/** `tenants list`. */
export const listTenantsCommand: CommandBody = async (settings, flags, { output }) => {
  await using register = await openReport(settings);
  const tenants = register === undefined ? [] : await reportTenants(register, monthOf(settings));
  if (flags.json === true) printJson(output, tenants.map(jsonOf));
  else if (tenants.length === 0) output.write('There are no appids; `familiar keys add` makes one with a key.\n');
  else
    printTable(
      output,
      tenants.map(({ appid, kept, note, ...tenant }) => ({
        appid,
        persons: kept.persons,
        faces: kept.faces,
        pictures: tenant.picturesOfMonth,
        limits: limitsText(tenant),
        note,
      })),
    );
  return 0;
};

/** `tenants show`. */
export const showTenantCommand: CommandBody = ordered(async (settings, flags, { output }, [appid = '']) => {
  await using register = await openReport(settings);
  if (register === undefined) throw unknownTenant(appid);
  tell(output, flags, await reportTenant(register, monthOf(settings), appid));
  return 0;
});

/** `tenants set`: takes effect within a second, in servers that run, too. */
export const setTenantCommand: CommandBody = ordered(async (settings, flags, { output }, [appid = '']) => {
  const change = changeOf(flags);
  if (!(await registerExists(settings))) throw unknownTenant(appid);
  await using stores = await openData(settings);
  await setTenant(stores, appid, change);
  tell(output, flags, await reportTenant(tenantSource(stores), monthOf(settings), appid));
  return 0;
});

/** `tenants remove`: interrupted, it has ended the appid already, and goes on with the rest when it is given again. */
export const removeTenantCommand: CommandBody = async (settings, flags, terminal, [appid = '']) => {
  const { output, errors } = terminal;
  const progress = showProgress(terminal, 'erasing the persons', 2_000);
  if (!(await registerExists(settings))) {
    errors.write(`there is no register in ${await describePlace(settings)}\n`);
    return 1;
  }
  await using stores = await openData(settings);
  const isRemoved = await stores.removeTenant(appid, progress.update).finally(progress.stop);
  if (!isRemoved) {
    errors.write(`there is no appid ${appid}\n`);
    return 1;
  }
  if (flags.json === true) printJson(output, { appid, removed: true });
  else output.write(`${appid} is ended: its data key is destroyed, its keys, persons, groups and faces are erased.\n`);
  return 0;
};

/** The month that it is where usage is counted. */
function monthOf({ timeZone }: Settings): string {
  return createDay(timeZone, Date.now)().slice(0, 7);
}

/** What flags change of an appid. */
function changeOf(flags: Flags) {
  const buckets = flags.bucket as readonly string[] | boolean | undefined;
  return readTenantWords({
    limits: Object.fromEntries(limitNames.map((name) => [name, flags[name] as string | undefined])),
    buckets: flags.buckets === false ? [] : (buckets as readonly string[] | undefined),
    note: flags.note as string | undefined,
  });
}

function tell(output: Output, flags: Flags, tenant: TenantReport): void {
  if (flags.json === true) {
    printJson(output, jsonOf(tenant));
    return;
  }
  const { limits, buckets, kept, ...rest } = jsonOf(tenant);
  const told = Object.entries(limits).map(([name, value]) => [name, value ?? 'default']);
  const has = Object.entries(kept).map(([name, count]) => [`has_${name}`, count]);
  printFields(output, { ...rest, buckets: buckets.join(' '), ...Object.fromEntries([...told, ...has]) });
}

/** As JSON says it; a limit that is the server's is null. */
function jsonOf({ appid, note, buckets, limits, kept, picturesOfMonth }: TenantReport) {
  const told = limitNames.map((name) => [wordsOf(name).join('_'), limits[name] ?? null]);
  return {
    appid,
    note,
    buckets,
    limits: Object.fromEntries(told) as Record<string, number | string | null>,
    kept: { ...kept, pictures_this_month: picturesOfMonth },
  };
}

function limitsText({ limits }: Pick<TenantReport, 'limits'>): string {
  const own = limitNames.filter((name) => limits[name] !== undefined);
  return own.map((name) => `${wordsOf(name).join('-')}=${limits[name]}`).join(' ');
}
