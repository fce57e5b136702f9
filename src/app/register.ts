/**
 * Opens the register: in the data folder, or in a PostgreSQL database. In the folder, it never begins an empty register where
 * one was and its file is gone.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/files.ts';
import { describePostgres, filesOf, openSharedStores, openStores, type Stores } from '../store/open.ts';
import { type KeySettings, masterKeySource } from './master-key.ts';
import { isDatabaseUrl } from './setting-schemas.ts';
import { flagOf, type Settings } from './settings.ts';

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

/** The settings that say where the register is. */
export type PlaceSettings = Pick<Settings, 'data' | 'database' | 'databaseUrlFile'>;
/** The settings that say where the register and its master key are. */
export type RegisterSettings = KeySettings & PlaceSettings;

/** Where a register is; the name may be shown to anybody. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly name: string }
  /** The url may hold a password. */
  | { readonly kind: 'server'; readonly url: string; readonly name: string };

/**
 * Where the register is; it need not exist.
 * @throws Error if the settings say it twice, or if the file with the url cannot be read or holds none.
 */
export async function placeOf({ data, database, databaseUrlFile }: PlaceSettings): Promise<Place> {
  if (database !== '' && databaseUrlFile !== '') {
    throw new Error(
      `The database is given twice, by ${flagOf('database')} and ${flagOf('databaseUrlFile')}: leave one out.`,
    );
  }
  const url = databaseUrlFile === '' ? database : await readUrl(databaseUrlFile);
  if (url !== '') return { kind: 'server', url, name: describePostgres(url) };
  const file = join(data, databaseFile);
  return { kind: 'file', file, name: file };
}

async function readUrl(file: string): Promise<string> {
  const url = (await readFile(file, 'utf8')).trim();
  if (isDatabaseUrl(url)) return url;
  throw new Error(`${file} holds no url of a database: spell it postgres://user@host:5432/database`);
}

const registerSchema = z.strictObject({ files: z.array(z.string()) });

/**
 * Opens the register, or makes one in a folder that never had one.
 * @throws Error that says what to do if a file is gone that was there.
 */
export async function openRegister(settings: RegisterSettings, told: OpeningEvents = {}): Promise<Stores> {
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
export async function missingFiles(settings: PlaceSettings): Promise<readonly string[]> {
  const { data } = settings;
  if ((await placeOf(settings)).kind === 'server') return [];
  return (await filesThatWere(data)).map((name) => join(data, name)).filter((file) => !existsSync(file));
}

/** Opens the register; makes what is not there. */
export async function openNewRegister(
  settings: RegisterSettings,
  { onEncrypting, onMasterKeyMade }: OpeningEvents = {},
): Promise<Stores> {
  const { data } = settings;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const place = await placeOf(settings);
  const masterKey = masterKeySource(settings, onMasterKeyMade);
  if (place.kind === 'server') return openSharedStores({ url: place.url, masterKey });
  const { file } = place;
  const stores = await openStores({ file, reserveBytes, masterKey, onEncrypting });
  await rememberRegister(data, file);
  return stores;
}

/** Notes the files of a register in its folder, so that one that is gone is missed. */
export async function rememberRegister(data: string, file: string): Promise<void> {
  if (!existsSync(join(data, registerFile))) await rememberFiles(data, filesOf(file));
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
