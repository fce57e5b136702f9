/** Reads the settings. The only file that reads them from the environment. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type SettingRow, settingsTable } from './settings-table.ts';

export { type SettingRow, settingsTable } from './settings-table.ts';

/** The name of a setting. */
export type SettingName = keyof typeof settingsTable;
/** All settings, read and checked. */
export type Settings = { readonly [K in SettingName]: z.output<(typeof settingsTable)[K]['schema']> };

/** Says everything that is wrong with the settings, one line a fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** The flag of a setting: `--url-timeout-ms`. */
export function flagOf(name: SettingName): string {
  return `--${words(name).join('-')}`;
}

/** The environment variable of a setting: `FAMILIAR_URL_TIMEOUT_MS`. */
export function variableOf(name: SettingName): string {
  return `FAMILIAR_${words(name).join('_').toUpperCase()}`;
}

/**
 * Reads the settings: flag over environment over file over default.
 * @param flags what the command line said, by setting.
 * @param file a JSON file of settings by name; its absence is a fault only if it is named.
 * @throws SettingsError that lists every fault at once.
 */
export function readSettings(
  flags: Readonly<Partial<Record<SettingName, unknown>>>,
  file?: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const faults: string[] = [];
  const written = file === undefined ? {} : readFile(file, faults);
  const settings: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(settingsTable) as [SettingName, SettingRow][]) {
    const [value, origin] = pick(name, row, flags, environment, written, file ?? '');
    const read = row.schema.safeParse(value);
    if (read.success) settings[name] = read.data;
    else faults.push(`${origin}: ${read.error.issues[0]?.message ?? 'is not understood'} (${row.about})`);
  }
  for (const name of Object.keys(written)) {
    if (!Object.hasOwn(settingsTable, name)) faults.push(`${file}: there is no setting called ${name}`);
  }
  const { tlsCert = [], tlsKey = [] } = settings as Partial<Settings>;
  if (tlsCert.length !== tlsKey.length) {
    faults.push(`${flagOf('tlsKey')}: names ${tlsKey.length} files, and ${flagOf('tlsCert')} names ${tlsCert.length}`);
  }
  if (faults.length > 0) throw new SettingsError(faults.join('\n'));
  return settings as Settings;
}

/** How many workers to run: as set, or one per core. */
export function workersOf(settings: Settings): number {
  return settings.workers === 0 ? availableParallelism() : settings.workers;
}

function pick(
  name: SettingName,
  row: SettingRow,
  flags: Readonly<Partial<Record<SettingName, unknown>>>,
  environment: Readonly<Record<string, string | undefined>>,
  written: Readonly<Record<string, unknown>>,
  file: string,
): readonly [unknown, string] {
  if (flags[name] !== undefined) return [flags[name], flagOf(name)];
  const variable = variableOf(name);
  if (environment[variable] !== undefined) return [environment[variable], variable];
  const { sharedVariable } = row;
  if (sharedVariable !== undefined && environment[sharedVariable] !== undefined) {
    return [environment[sharedVariable], sharedVariable];
  }
  if (Object.hasOwn(written, name)) return [written[name], `${file}: ${name}`];
  return [row.fallback, `the default of ${flagOf(name)}`];
}

function readFile(file: string, faults: string[]): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    faults.push(`${file}: ${error instanceof z.ZodError ? 'is not a JSON object' : (error as Error).message}`);
    return {};
  }
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}
