/**
 * What lies in the folders that the settings let operators use from a page: backups, and what is imported. A page names what it was shown, and
 * never a path.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeBackup, type Manifest } from '../../ops/backup/restore.ts';
import { OrderRefused } from './order.ts';

/** A backup. */
export interface KeptBackup {
  readonly name: string;
  /** What it says of itself. */
  readonly manifest: Manifest;
}

/** What pictures or persons are imported from. */
export interface ImportSource {
  readonly name: string;
  /** Folders of pictures, a table of pictures, or an archive that was exported. */
  readonly kind: 'folders' | 'csv' | 'archive';
}

/** The backups of a folder, the newest first; what is none is passed over, and so are archives, which would have to be read. */
export async function listBackups(folder: string): Promise<readonly KeptBackup[]> {
  const found: KeptBackup[] = [];
  for (const { name, isFolder } of await entriesOf(folder)) {
    if (!isFolder) continue;
    const manifest = await describeBackup(join(folder, name)).catch(() => undefined);
    if (manifest !== undefined) found.push({ name, manifest });
  }
  return found.sort((a, b) => (a.manifest.madeAt < b.manifest.madeAt ? 1 : -1));
}

/** What can be imported of a folder, by name. */
export async function listImportSources(folder: string): Promise<readonly ImportSource[]> {
  const kinds = (await entriesOf(folder)).map(({ name, isFolder }) => ({ name, kind: kindOf(name, isFolder) }));
  return kinds.filter((source): source is ImportSource => source.kind !== undefined);
}

/**
 * The path of something that a list has shown.
 * @throws OrderRefused if the list has no such name.
 */
export function placeOfListed<T extends { readonly name: string }>(folder: string, list: readonly T[], name: string) {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new OrderRefused('unknown', `there is no ${name} in the folder`);
  return { path: join(folder, found.name), found };
}

/** @throws OrderRefused if the setting names no folder. */
export function needFolder(folder: string, flag: string): string {
  if (folder !== '') return folder;
  throw new OrderRefused('invalid', `the server was started without ${flag}: name a folder by it`);
}

function kindOf(name: string, isFolder: boolean): ImportSource['kind'] | undefined {
  if (isFolder) return 'folders';
  if (name.endsWith('.csv')) return 'csv';
  return name.endsWith('.tar') ? 'archive' : undefined;
}

/** Files and folders by name, without hidden ones, and without links, which may lead elsewhere. */
async function entriesOf(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new OrderRefused('invalid', `the folder cannot be read (${error.code})`);
  });
  const entries = [];
  for (const name of names.toSorted()) {
    if (name.startsWith('.')) continue;
    const status = await lstat(join(folder, name)).catch(() => undefined);
    if (status?.isDirectory() || status?.isFile()) entries.push({ name, isFolder: status.isDirectory() });
  }
  return entries;
}
