/** Reads settings and secrets again while the server runs. */
import type { Logger } from 'pino';
import type { Stores } from '../store/open.ts';
import type { LiveSettings } from './live-settings.ts';
import { masterKeySource } from './master-key.ts';
import { placeOf } from './register.ts';
import { flagOf, type Settings } from './settings.ts';
import { noteStart } from './start-settings.ts';

/** What is read again, and for whom. */
export interface ReloadParts {
  readonly live: LiveSettings;
  readonly stores: Stores;
  readonly log: Logger;
}

/**
 * Makes what reads everything again, one time after the other. It never rejects: what cannot be read is logged, and what was read
 * before stays in force. The log names settings, and says nothing of what they are.
 * @returns called with what reads the settings.
 */
export function createReload(parts: ReloadParts): (read: () => Settings) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (read) => {
    last = last.then(() => reloadSettings(parts, read)).then(() => reloadSecrets(parts));
    return last;
  };
}

async function reloadSettings({ live, stores, log }: ReloadParts, read: () => Settings): Promise<void> {
  try {
    const { changed, waiting } = live.take(read());
    log.level = live.now.logLevel;
    log.info({ changed: changed.map(flagOf) }, 'the settings were read again');
    if (waiting.length > 0) log.warn({ settings: waiting.map(flagOf) }, 'these settings take effect after a restart');
    await noteStart(stores.audit, live.now);
  } catch (err) {
    log.error({ err }, 'the settings could not be read again: those read before are in force');
  }
}

/** The files with secrets, whose names need not have changed. */
async function reloadSecrets({ live, stores, log }: ReloadParts): Promise<void> {
  try {
    const isNew = await stores.renewMasterKey(masterKeySource(live.now));
    if (isNew) log.info('the master key was read again');
  } catch (err) {
    log.error({ err }, 'the master key could not be read again: the one read before is used');
  }
  try {
    const place = await placeOf(live.now);
    if (place.kind === 'server' && !stores.renewUrl(place.url)) {
      log.warn('the url of the database names another one than before: it takes effect after a restart');
    }
  } catch (err) {
    log.error({ err }, 'the url of the database could not be read again: the one read before is used');
  }
}
