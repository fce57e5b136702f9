/** Checks of the register: whether it opens, its master key, and its callers' keys. */
import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { failureOf } from '../../store/failure.ts';
import type { Inspection } from '../../store/inspect.ts';
import { NewerVersionError, OlderVersionError } from '../../store/migrations.ts';
import { firstKeyFile, readKey } from '../first-key.ts';
import { findMasterKey, masterKeyFileOf } from '../master-key.ts';
import { missingFiles, placeOf, registerFile } from '../register.ts';
import { inspectRegister, registerExists } from '../report.ts';
import { flagOf, type Settings } from '../settings.ts';
import { type Check, codeOf, Fault, mendAccess } from './check.ts';

/** What to do about a register whose bytes are damaged. */
export const mendDamage =
  'Stop the server and put a backup of the data folder in its place. ' +
  '`npm run -s familiar -- doctor --deep` names the tables and rows.';

/** Whether the register opens and can be written. */
export const register: Check = {
  check: 'register',
  look: async (settings) => {
    const place = await placeOf(settings).catch((error: Error) => {
      throw new Fault(error.message, `Name the database with ${flagOf('database')} or ${flagOf('databaseUrlFile')}.`);
    });
    if (place.kind === 'server') return lookAtServer(settings, place.name);
    const { file } = place;
    const [missing] = await missingFiles(settings).catch((error: Error) => {
      throw new Fault(
        error.message,
        `Remove ${join(settings.data, registerFile)} if no file of the register is missing.`,
      );
    });
    if (missing !== undefined) {
      throw new Fault(
        `${missing} is gone, and it was there`,
        'Put it back from a backup, or start with --new-register to have an empty register made.',
      );
    }
    if (!(await isThere(settings))) return 'there is none yet; the first start makes one';
    try {
      await access(file, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new Fault((error as Error).message, mendAccess(file, codeOf(error), flagOf('data')));
    }
    try {
      await readSome(settings);
    } catch (error) {
      if (error instanceof OlderVersionError) return error.message;
      throw new Fault(`${file}: ${(error as Error).message}`, mendRegister(error));
    }
    return `${file} opens and answers`;
  },
};

/** Whether the master key is the one that the register needs, and nobody else may read it. */
export const masterKey: Check = {
  check: 'master key',
  look: async (settings) => {
    const needed = await withRegister(settings, (opened) => opened.fingerprint());
    const key = await findMasterKey(settings, needed).catch((error: Error) => {
      throw new Fault(error.message, `Put the right key there, or name another place with ${flagOf('masterKeyFile')}.`);
    });
    const file = masterKeyFileOf(settings);
    if (key === undefined) {
      if (needed === undefined && settings.masterKeyFile === '')
        return `there is none yet; the first start makes ${file}`;
      throw new Fault(
        `${file} is not there${needed === undefined ? '' : `, and the register needs the key ${needed}`}`,
        'Put the file back from where it is kept. Without it nothing that is encrypted can be read.',
      );
    }
    if (needed !== undefined && key.fingerprint !== needed) {
      throw new Fault(
        `the register needs the key ${needed}, and ${key.origin} holds ${key.fingerprint}`,
        `Name the right key with ${flagOf('masterKeyFile')}, or put back the data folder that goes with this one.`,
      );
    }
    if (file !== undefined) await checkPlace(file, settings.data);
    return `${key.fingerprint}, from ${key.origin}`;
  },
};

/** Whether there is a key that callers can sign with. */
export const keys: Check = {
  check: 'keys',
  look: async (settings) => {
    const listed = (await withRegister(settings, (opened) => opened.listKeys())) ?? [];
    const now = Date.now();
    const good = listed.filter((key) => key.revokedAt === null && (key.expiresAt ?? now) >= now).length;
    if (good > 0) return `${good} good ${good === 1 ? 'key' : 'keys'}`;
    throw new Fault(
      'there is no key that is not revoked',
      'Add one: `npm run -s familiar -- keys add`; the first start of the server makes one, too.',
    );
  },
};

/** Whether the file of the first key is nobody else's to read, and can be read where it is still needed. */
export const firstKeyFileCheck: Check = {
  check: 'first key file',
  look: async (settings) => {
    const path = join(settings.data, firstKeyFile);
    const mode = await stat(path).then((file) => file.mode & 0o777, absent);
    if (mode === undefined) return 'is not there, and need not be';
    if ((mode & 0o077) !== 0) throw new Fault(`others may read it (mode ${mode.toString(8)})`, `chmod 600 ${path}`);
    const listed = await withRegister(settings, (opened) => opened.listKeys()).catch(() => undefined);
    if (listed !== undefined && listed.length > 0) return 'only its owner may read it; delete it once you have read it';
    await readKey(path, 0).catch((error: Error) => {
      throw new Fault(error.message, `Move ${path} away: the next start makes another.`);
    });
    return 'only its owner may read it';
  },
};

/** Reads from the register; undefined if there is none, or it is of an older version and knows no such thing yet. */
export async function withRegister<T>(
  settings: Settings,
  read: (opened: Inspection) => Promise<T>,
): Promise<T | undefined> {
  if (!(await isThere(settings))) return undefined;
  try {
    await using opened = await inspectRegister(settings);
    return opened && (await read(opened));
  } catch (error) {
    if (error instanceof OlderVersionError) return undefined;
    throw new Fault(`the register cannot be read: ${(error as Error).message}`, mendRegister(error));
  }
}

async function lookAtServer(settings: Settings, name: string): Promise<string> {
  try {
    return (await readSome(settings)) ? `${name} answers` : `there is none in ${name} yet; the first start makes one`;
  } catch (error) {
    if (error instanceof OlderVersionError) return error.message;
    const mend =
      error instanceof NewerVersionError
        ? mendRegister(error)
        : 'See to it that PostgreSQL runs there, has this database and lets this user in.';
    throw new Fault(`${name}: ${(error as Error).message}`, mend);
  }
}

/** Reads from the register, as every call does; false if there is none. */
async function readSome(settings: Settings): Promise<boolean> {
  await using opened = await inspectRegister(settings);
  await opened?.db.selectFrom('registries').select('appid').limit(1).execute();
  return opened !== undefined;
}

async function isThere(settings: Settings): Promise<boolean> {
  return registerExists(settings).catch((error) => {
    throw new Fault((error as Error).message, mendAccess(settings.data, codeOf(error), flagOf('data')));
  });
}

function mendRegister(error: unknown): string {
  if (error instanceof NewerVersionError) return 'Start the version of familiar that wrote it, or a newer one.';
  switch (failureOf(error)) {
    case 'busy':
      return 'Another process holds it: stop that, or wait for it.';
    case 'damaged':
      return mendDamage;
    case 'disk':
      return 'The disk cannot be read: look at the log of the system, and put a backup on a disk that is well.';
    default:
      return 'Stop every process that uses it; if it still does not open, put a backup in its place.';
  }
}

async function checkPlace(file: string, data: string): Promise<void> {
  const inside = relative(resolve(data), resolve(file));
  if (!inside.startsWith('..') && !isAbsolute(inside)) {
    throw new Fault(
      `${file} is in the data folder, so that a copy of that opens everything`,
      `Move it to another place, and name that with ${flagOf('masterKeyFile')}.`,
    );
  }
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) !== 0) throw new Fault(`others may read ${file} (mode ${mode.toString(8)})`, `chmod 600 ${file}`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
