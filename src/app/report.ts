/** Opens an installation's register for commands that report: nothing is created where nothing is. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Inspection, inspect } from '../store/inspect.ts';
import { databaseFile } from './register.ts';
import type { Settings } from './settings.ts';

/** Whether there is a register in the data folder. */
export async function registerExists({ data }: Pick<Settings, 'data'>): Promise<boolean> {
  try {
    await access(join(data, databaseFile));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * The register, to be read only; undefined if there is none.
 * @throws Error that names the file if it cannot be read, or is of another version.
 */
export async function openReport(settings: Pick<Settings, 'data'>): Promise<Inspection | undefined> {
  if (!(await registerExists(settings))) return undefined;
  const file = join(settings.data, databaseFile);
  try {
    return await inspect(file);
  } catch (cause) {
    throw new Error(`cannot read the database ${file}: ${(cause as Error).message}`, { cause });
  }
}
