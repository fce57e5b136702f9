/** Finds, checks and restores backups. */
import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { syncFile, syncFolder } from '../../files/files.ts';
import { examineCopy } from '../../store/backup.ts';
import { isArchive, unpack } from './archive.ts';
import { checkFiles, type Manifest, manifestFile, readManifest } from './manifest.ts';

export type { Manifest } from './manifest.ts';

/** A backup, with its files in a folder. */
export interface OpenedBackup extends AsyncDisposable {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The register's database. */
  readonly database: string;
}

/**
 * Opens a backup: its files are the ones that it was made of, their pages are well, and they hold what it says. An archive is
 * unpacked beside the folder that is given, until the backup is disposed of.
 * @throws Error that says what is wrong.
 */
export async function openBackup(path: string, beside = path): Promise<OpenedBackup> {
  await using opening = new AsyncDisposableStack();
  let folder = path;
  if (isArchive(path)) {
    folder = `${resolve(beside)}.${randomUUID()}.tmp`;
    opening.defer(() => rm(folder, { recursive: true, force: true }));
    await unpack(path, folder);
  }
  const manifest = await readManifest(folder);
  await checkFiles(folder, manifest);
  const name = manifest.files.map((file) => file.name).find((one) => !one.includes('-calls'));
  if (name === undefined) throw new Error(`${path} holds no register`);
  const database = join(folder, name);
  const { masterKey, ...contents } = await examineCopy(database);
  if (JSON.stringify(contents) !== JSON.stringify(manifest.contents)) {
    throw new Error(`${path} holds something else than it says`);
  }
  const open = opening.move();
  return { folder, manifest, database, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/**
 * Puts a backup's register into a data folder, which is there whole or not at all.
 * @param data absent or empty.
 * @throws Error, with nothing changed, if the folder holds anything or the backup is not whole.
 */
export async function restoreBackup(path: string, data: string): Promise<Manifest> {
  await refuseFilled(data);
  await using backup = await openBackup(path, data);
  const draft = `${resolve(data)}.${randomUUID()}.tmp`;
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    for (const { name } of backup.manifest.files) {
      await copyFile(join(backup.folder, name), join(draft, name), constants.COPYFILE_FICLONE);
      await chmod(join(draft, name), 0o600);
      await syncFile(join(draft, name));
    }
    await checkFiles(draft, backup.manifest);
    await syncFolder(draft);
    await rmdir(data).catch(() => {});
    await rename(draft, data);
    await syncFolder(dirname(resolve(data)));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return backup.manifest;
}

/**
 * The newest backup of a folder that was made at a moment or before it.
 * @throws Error that names the oldest one if all were made later.
 */
export async function findBackup(folder: string, asOf: Date): Promise<string> {
  const found: { path: string; madeAt: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const manifest = await describeBackup(path).catch(() => undefined);
    if (manifest !== undefined) found.push({ path, madeAt: Date.parse(manifest.madeAt) });
  }
  found.sort((a, b) => b.madeAt - a.madeAt);
  const newest = found.find(({ madeAt }) => madeAt <= asOf.getTime());
  if (newest !== undefined) return newest.path;
  const oldest = found.at(-1);
  throw new Error(
    oldest === undefined
      ? `${folder} holds no backup`
      : `the oldest backup in ${folder} was made later, at ${new Date(oldest.madeAt).toISOString()}: ${oldest.path}`,
  );
}

/** What a backup says of itself; nothing is checked. */
export async function describeBackup(path: string): Promise<Manifest> {
  if (!isArchive(path)) return readManifest(path);
  const folder = `${resolve(path)}.${randomUUID()}.tmp`;
  try {
    await unpack(path, folder, [manifestFile]);
    return await readManifest(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseFilled(data: string): Promise<void> {
  const there = await stat(data).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (there === undefined) return;
  if (!there.isDirectory()) throw new Error(`${data} is no folder`);
  if ((await readdir(data)).length > 0) {
    throw new Error(`${data} is not empty: a backup is restored into an empty folder; name another one with --data`);
  }
}
