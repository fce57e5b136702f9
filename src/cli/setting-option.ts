/** Makes the flag of a setting. */
import { Option } from 'commander';
import { flagOf, type SettingName, type SettingRow, settingsTable, variableOf } from '../app/settings.ts';

/** What every command that opens the register needs. */
export const registerSettings: readonly SettingName[] = ['data', 'database', 'databaseUrlFile', 'masterKeyFile'];
/** What every command that only reads the register needs. */
export const placeSettings: readonly SettingName[] = ['data', 'database', 'databaseUrlFile'];

/** The flag of a setting, with what `--help` says of it. Of a list, a flag that is given again adds to the first. */
export function settingOption(name: SettingName): Option {
  const row: SettingRow = settingsTable[name];
  const fallback = row.fallback === '' ? 'none' : row.fallback;
  const option = new Option(`${flagOf(name)} <${row.value}>`, `${row.about} Default ${fallback}; ${variableOf(name)}.`);
  if (row.isList !== true) return option;
  return option.argParser((value: string, before?: string) => (before === undefined ? value : `${before},${value}`));
}
