/** A backup as one file: a tar of its folder. The library is loaded where it is used: a server makes no archives. */
import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import type { ReadEntry } from 'tar';
import { manifestFile } from './manifest.ts';

/** Whether a backup's path names one file. */
export function isArchive(path: string): boolean {
  return path.endsWith('.tar');
}

/** Writes a folder's files into a new archive; the description comes first. */
export async function pack(folder: string, file: string): Promise<void> {
  const names = (await readdir(folder)).sort((a, b) => Number(b === manifestFile) - Number(a === manifestFile));
  const { create } = await import('tar');
  await create({ file, cwd: folder, portable: true }, names);
}

/**
 * Reads files of an archive into a folder, which is made. Only plain files at its top are taken: an archive from elsewhere
 * can write nothing outside the folder.
 * @param names which of them; all if absent.
 * @throws Error if it is no archive, or is cut off.
 */
export async function unpack(file: string, folder: string, names?: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const filter = (path: string, entry: object): boolean =>
    !/[/\\]/.test(path) && (entry as ReadEntry).type === 'File' && (names?.includes(path) ?? true);
  const { extract } = await import('tar');
  await whole(file, () => extract({ file, cwd: folder, strict: true, filter }));
}

/**
 * SHA-256 of each file of an archive, by its name.
 * @throws Error if it is no archive, or is cut off.
 */
export async function digestsOf(file: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const onReadEntry = (entry: ReadEntry): void => {
    const hash = createHash('sha256');
    entry.on('data', (piece) => void hash.update(piece));
    entry.on('end', () => void digests.set(entry.path, hash.digest('hex')));
  };
  const { list } = await import('tar');
  await whole(file, () => list({ file, strict: true, onReadEntry }));
  return digests;
}

async function whole(file: string, read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (cause) {
    throw new Error(`${file} is no whole archive: ${(cause as Error).message}`, { cause });
  }
}
