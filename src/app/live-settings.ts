/** The settings of a server that runs, of which some may be changed meanwhile. */
import { isDeepStrictEqual } from 'node:util';
import { type SettingName, type SettingRow, type Settings, settingsTable } from './settings.ts';

/** What came of settings that were read again. */
export interface SettingsTaken {
  /** Those that are in force from now on. */
  readonly changed: readonly SettingName[];
  /** Those that were changed since the start, and wait for the next one. */
  readonly waiting: readonly SettingName[];
}

/** The settings that are in force. */
export class LiveSettings {
  readonly #started: Settings;
  #now: Settings;

  constructor(settings: Settings) {
    this.#started = settings;
    this.#now = settings;
  }

  /** Another object after each change. */
  get now(): Settings {
    return this.#now;
  }

  /** Takes those of the settings that may change while the server runs. */
  take(next: Settings): SettingsTaken {
    const names = Object.keys(settingsTable) as SettingName[];
    const differing = (than: Settings, isLive: boolean): readonly SettingName[] =>
      names.filter((name) => isLiveSetting(name) === isLive && !isDeepStrictEqual(than[name], next[name]));
    const changed = differing(this.#now, true);
    const taken = Object.fromEntries(changed.map((name) => [name, next[name]]));
    if (changed.length > 0) this.#now = { ...this.#now, ...taken };
    return { changed, waiting: differing(this.#started, false) };
  }
}

/** Whether a setting may change while the server runs. */
export function isLiveSetting(name: SettingName): boolean {
  const row: SettingRow = settingsTable[name];
  return row.isLive === true;
}
