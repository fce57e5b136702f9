/** Opens the register in the data folder, and never begins an empty one where one was and its file is gone. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/files.ts';
import { filesOf, openStores, type Stores } from '../store/open.ts';
import type { Settings } from './settings.ts';

/** The database's file in the data folder. */
export const databaseFile = 'familiar.db';
/** The file in the data folder that names the files of the register. */
export const registerFile = 'register.json';

/** Kept free for erasing persons from a full disk, in bytes: 16 MiB, three times what erasing one takes at most. */
const reserveBytes = 16 * 2 ** 20;

const registerSchema = z.strictObject({ files: z.array(z.string()) });

/**
 * Opens the register, or makes one in a folder that never had one.
 * @throws Error that says what to do if a file is gone that was there.
 */
export async function openRegister({ data }: Pick<Settings, 'data'>): Promise<Stores> {
  for (const name of await filesThatWere(data)) {
    const file = join(data, name);
    if (existsSync(file)) continue;
    throw new Error(
      `${file} is gone, and it was there: put it back, or start with --new-register to have an empty one made`,
    );
  }
  return openNewRegister({ data });
}

/** Opens the register; makes what is not there. */
export async function openNewRegister({ data }: Pick<Settings, 'data'>): Promise<Stores> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const file = join(data, databaseFile);
  const stores = await openStores({ file, reserveBytes });
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
