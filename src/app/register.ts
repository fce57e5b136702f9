/** Opens the register in the data folder, and never begins an empty one where one was and its file is gone. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/files.ts';
import { filesOf, openStores, type Stores } from '../store/open.ts';
import { type KeySettings, masterKeySource } from './master-key.ts';
import type { Settings } from './settings.ts';

/** The database's file in the data folder. */
export const databaseFile = 'familiar.db';
/** The file in the data folder that names the files of the register. */
export const registerFile = 'register.json';

/** What is told while the stores are opened. */
export interface OpeningEvents {
  /** How many of how many rows are encrypted, while a register of an older version is. */
  readonly onEncrypting?: ((done: number, total: number) => void) | undefined;
  /** The file of the master key that was made because there was none. */
  readonly onMasterKeyMade?: ((file: string) => void) | undefined;
}

/**
 * Kept free for erasing persons from a full disk, in bytes: 8 MiB. Erasing one of 20 faces in 4,900 groups, with ids of 120
 * bytes, wrote 5.4 MB to the log.
 */
const reserveBytes = 8 * 2 ** 20;

const registerSchema = z.strictObject({ files: z.array(z.string()) });

/**
 * Opens the register, or makes one in a folder that never had one.
 * @throws Error that says what to do if a file is gone that was there.
 */
export async function openRegister(settings: KeySettings, told: OpeningEvents = {}): Promise<Stores> {
  const [missing] = await missingFiles(settings);
  if (missing === undefined) return openNewRegister(settings, told);
  throw new Error(
    `${missing} is gone, and it was there: put it back, or start with --new-register to have an empty one made`,
  );
}

/**
 * The files of the register that were there and are gone.
 * @throws Error if the note of them cannot be read.
 */
export async function missingFiles({ data }: Pick<Settings, 'data'>): Promise<readonly string[]> {
  return (await filesThatWere(data)).map((name) => join(data, name)).filter((file) => !existsSync(file));
}

/** Opens the register; makes what is not there. */
export async function openNewRegister(
  settings: KeySettings,
  { onEncrypting, onMasterKeyMade }: OpeningEvents = {},
): Promise<Stores> {
  const { data } = settings;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const file = join(data, databaseFile);
  const stores = await openStores({
    file,
    reserveBytes,
    masterKey: masterKeySource(settings, onMasterKeyMade),
    onEncrypting,
  });
  if (!existsSync(join(data, registerFile))) await rememberFiles(data, filesOf(file));
  return stores;
}

async function filesThatWere(data: string): Promise<readonly string[]> {
  const path = join(data, registerFile);
  if (!existsSync(path)) return [];
  try {
    return registerSchema.parse(JSON.parse(await readFile(path, 'utf8'))).files;
  } catch (cause) {
    throw new Error(`${path} cannot be read; if no file of the register is missing, remove it`, { cause });
  }
}

/** A full disk has no room for it: then the next start makes up for it. */
async function rememberFiles(data: string, files: readonly string[]): Promise<void> {
  const content = JSON.stringify({ files: files.map((file) => basename(file)) });
  await replaceFile(join(data, registerFile), `${content}\n`, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
}
