/** Finds the master key of an installation, makes its first one, and changes it. */
import { randomBytes } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { createFile, replaceFile, syncFolder } from '../files/files.ts';
import { MasterKey, type MasterKeySource } from '../store/encryption/master-key.ts';
import type { Stores } from '../store/open.ts';
import { flagOf, type Settings, variableOf } from './settings.ts';

/** What to tell of a master key that was made. */
export function keepMasterKey(file: string): string {
  return `A master key was made in ${file}. Keep it, and apart from backups of the data folder: neither opens anything alone.\n`;
}

/** The settings that say where the master key is. */
export type KeySettings = Pick<Settings, 'data' | 'masterKey' | 'masterKeyFile'>;

/**
 * The file of the master key: the one that is named, or the one beside the data folder, never in it: `data.key` for
 * `data`. Undefined if the key comes from the environment.
 * @throws Error if it is given twice.
 */
export function masterKeyFileOf({ data, masterKey, masterKeyFile }: KeySettings): string | undefined {
  if (masterKey !== '' && masterKeyFile !== '') {
    throw new Error(
      `The master key is given twice, by ${flagOf('masterKeyFile')} and ${variableOf('masterKey')}: leave one out.`,
    );
  }
  if (masterKey !== '') return undefined;
  return masterKeyFile === '' ? `${resolve(data)}.key` : masterKeyFile;
}

/**
 * Finds the master key where the settings say. While nothing is encrypted yet and no place is named, it makes one beside
 * the data folder; processes that do so at once get the same key.
 * @param onMade told of the file if this call made it.
 */
export function masterKeySource(settings: KeySettings, onMade: (file: string) => void = () => {}): MasterKeySource {
  const file = masterKeyFileOf(settings);
  if (file === undefined) return async () => parse(settings.masterKey, variableOf('masterKey'));
  return async (fingerprint) => {
    const found = await findIn(file, fingerprint);
    if (found !== undefined) return found.isNext ? takeNext(file, found.key) : found.key;
    if (settings.masterKeyFile !== '' || fingerprint !== undefined) throw new Error(notThere(file, fingerprint));
    return makeKey(file, onMade);
  };
}

/**
 * Finds the master key, and makes and changes nothing.
 * @param fingerprint of the key that the register needs; undefined while nothing is encrypted.
 * @returns undefined if there is none; another one than the needed if that is what is there.
 */
export async function findMasterKey(
  settings: KeySettings,
  fingerprint: string | undefined,
): Promise<MasterKey | undefined> {
  const file = masterKeyFileOf(settings);
  if (file === undefined) return parse(settings.masterKey, variableOf('masterKey'));
  return (await findIn(file, fingerprint))?.key;
}

/**
 * Changes the master key: the data keys are encrypted with the next one, and its file takes the old one's place. When
 * this is interrupted, the next start goes on with whichever of the two the database needs.
 * @param nextFile a file with the next key; a random one is made if absent, unless the key comes from the environment.
 * @returns the next key.
 */
export async function rotateMasterKey(settings: KeySettings, stores: Stores, nextFile?: string): Promise<MasterKey> {
  const file = masterKeyFileOf(settings);
  if (file === undefined && nextFile === undefined) {
    throw new Error(
      `The master key comes from ${variableOf('masterKey')}. Write the next one into a file (openssl rand -base64 32), ` +
        'name the file with --new-key-file, and put its line into the variable when this is done.',
    );
  }
  const next = nextFile === undefined ? makeText() : await readText(nextFile);
  if (next === undefined) throw new Error(notThere(nextFile!, undefined));
  if (file === undefined) {
    const key = parse(next, nextFile!);
    await stores.rotateMasterKey(key);
    return key;
  }
  const key = parse(next, file);
  await replaceFile(nextFileOf(file), next, 0o600);
  await syncFolder(dirname(resolve(file)));
  await stores.rotateMasterKey(key);
  return takeNext(file, key);
}

async function findIn(
  file: string,
  fingerprint: string | undefined,
): Promise<{ readonly key: MasterKey; readonly isNext: boolean } | undefined> {
  const key = await readKey(file);
  if (key !== undefined && (fingerprint === undefined || key.fingerprint === fingerprint))
    return { key, isNext: false };
  const next = fingerprint === undefined ? undefined : await readKey(nextFileOf(file));
  if (next !== undefined && next.fingerprint === fingerprint) return { key: next, isNext: true };
  return key && { key, isNext: false };
}

/** Where the next key is until the database needs it. */
function nextFileOf(file: string): string {
  return `${file}.next`;
}

async function takeNext(file: string, key: MasterKey): Promise<MasterKey> {
  await rename(nextFileOf(file), file);
  await syncFolder(dirname(resolve(file)));
  return key;
}

async function makeKey(file: string, onMade: (file: string) => void): Promise<MasterKey> {
  try {
    if (await createFile(file, makeText(), 0o600)) onMade(file);
  } catch (cause) {
    throw new Error(
      `${file}, the master key, cannot be made beside the data folder: ${(cause as Error).message}; ` +
        `name another place with ${flagOf('masterKeyFile')}`,
      { cause },
    );
  }
  const key = await readKey(file);
  if (key === undefined) throw new Error(`${file} was removed while it was made`);
  return key;
}

async function readKey(file: string): Promise<MasterKey | undefined> {
  const text = await readText(file);
  return text === undefined ? undefined : parse(text, file);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the master key cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function makeText(): string {
  return `${randomBytes(32).toString('base64')}\n`;
}

/** @throws Error that says nothing of what the text is. */
function parse(text: string, origin: string): MasterKey {
  const line = text.trim();
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === line) return new MasterKey(bytes, origin);
  throw new Error(`${origin} holds no master key, which is 32 bytes in base64 on one line (openssl rand -base64 32)`);
}

function notThere(file: string, fingerprint: string | undefined): string {
  const needed = fingerprint === undefined ? 'the master key' : `the master key ${fingerprint}`;
  const make = fingerprint === undefined ? ', or make one with `openssl rand -base64 32`' : '';
  return `${needed} is needed, and ${basename(file)} is not in ${dirname(resolve(file))}: put it back${make}`;
}
