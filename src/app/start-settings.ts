/** The settings that a server is started with, as its audit tells them. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { StoresAudit } from '../store/open.ts';
import { type SettingName, type SettingRow, type Settings, settingsTable } from './settings.ts';

/** Writes a line of the audit if the settings are not those of this server's last start. */
export async function noteStart(audit: Pick<StoresAudit, 'noteSettings'>, settings: Settings): Promise<void> {
  await audit.noteSettings(`${hostname()}:${resolve(settings.data)}`, startSettings(settings));
}

/** The settings that are not left as they come, by name. */
export function startSettings(settings: Settings): Parameters<StoresAudit['noteSettings']>[1] {
  const changed = (Object.entries(settingsTable) as [SettingName, SettingRow][]).flatMap(([name, row]) => {
    const value = textOf(settings[name]);
    if (value === textOf(row.schema.parse(row.fallback))) return [];
    return [[name, { value, isSecret: row.isSecret === true || row.holdsSecret === true }] as const];
  });
  return Object.fromEntries(changed);
}

function textOf(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value] : value);
}
