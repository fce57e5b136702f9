/** Opens an installation's register for commands that report: nothing is created where nothing is. */
import { access } from 'node:fs/promises';
import { type Inspection, inspect, inspectShared } from '../store/inspect.ts';
import { type PlaceSettings, placeOf } from './register.ts';

/** Whether there is a register. */
export async function registerExists(settings: PlaceSettings): Promise<boolean> {
  const place = await placeOf(settings);
  if (place.kind === 'file') return fileExists(place.file);
  await using register = await inspectShared(place.url);
  return register !== undefined;
}

/**
 * The register, to be read only; undefined if there is none.
 * @throws Error that names the file or the database if it cannot be read, or is of another version.
 */
export async function openReport(settings: PlaceSettings): Promise<Inspection | undefined> {
  const { name } = await placeOf(settings);
  try {
    return await inspectRegister(settings);
  } catch (cause) {
    throw new Error(`cannot read the database ${name}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The same.
 * @throws what the store throws: OlderVersionError and NewerVersionError among others.
 */
export async function inspectRegister(settings: PlaceSettings): Promise<Inspection | undefined> {
  const place = await placeOf(settings);
  if (place.kind === 'server') return inspectShared(place.url);
  return (await fileExists(place.file)) ? inspect(place.file) : undefined;
}

/** Where the register is expected, for messages that say that there is none. */
export async function describePlace(settings: PlaceSettings): Promise<string> {
  const place = await placeOf(settings);
  return place.kind === 'file' ? settings.data : place.name;
}

async function fileExists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
