/** Makes a backup of a register that is used meanwhile: a folder or an archive that is there whole or not at all. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { digestOfFile, syncFile, syncFolder } from '../../files/files.ts';
import { copyRegister, examineCopy } from '../../store/backup.ts';
import { digestsOf, isArchive, pack } from './archive.ts';
import { checkFiles, type Manifest, manifestFile } from './manifest.ts';

/** What a backup is made of. */
export interface BackupOptions {
  /** The register's database. */
  readonly file: string;
  /** Where the backup will be: a new folder, or a new file whose name ends in `.tar`. */
  readonly target: string;
  /** Of the program. */
  readonly version: string;
  /** The pack of networks in use; null for the built-in ones. */
  readonly pack: string | null;
  readonly now: Date;
  /** Called with how many of how many bytes are copied. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Makes a backup and checks what was written: every page, and the digest of every file. It holds what was answered before it was
 * begun, is encrypted as the register is, and holds nothing of what was erased before.
 * @returns what it says of itself.
 * @throws Error, with nothing left at the target, if there is something there already, the disk is full, or the register is damaged.
 */
export async function makeBackup({ target, ...options }: BackupOptions): Promise<Manifest> {
  await refuseExisting(target);
  const draft = `${resolve(target)}.${randomUUID()}.tmp`;
  try {
    await mkdir(draft, { mode: 0o700 });
    const manifest = await fill(draft, options);
    await (isArchive(target) ? archive(draft, target, manifest) : keepFolder(draft, target, manifest));
    await syncFolder(dirname(resolve(target)));
    return manifest;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Copies the register into a folder, and describes it there. */
async function fill(folder: string, options: Omit<BackupOptions, 'target'>): Promise<Manifest> {
  const { file, version, pack, now, onProgress } = options;
  const copy = join(folder, basename(file));
  await copyRegister(file, copy, onProgress);
  const { masterKey, ...contents } = await examineCopy(copy);
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { name, bytes: (await stat(path)).size, sha256: await digestOfFile(path) };
    }),
  );
  const manifest: Manifest = { format: 1, madeAt: now.toISOString(), version, masterKey, pack, contents, files };
  await writeFile(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  for (const name of [...names, manifestFile]) await syncFile(join(folder, name));
  return manifest;
}

async function keepFolder(draft: string, target: string, manifest: Manifest): Promise<void> {
  await checkFiles(draft, manifest);
  await syncFolder(draft);
  await rename(draft, target);
}

async function archive(draft: string, target: string, manifest: Manifest): Promise<void> {
  const file = join(draft, 'archive');
  await pack(draft, file);
  const digests = await digestsOf(file);
  for (const { name, sha256 } of manifest.files) {
    if (digests.get(name) !== sha256)
      throw new Error(`${name} was not written as it was read: the disk is not to be trusted`);
  }
  await syncFile(file);
  await rename(file, target);
}

async function refuseExisting(target: string): Promise<void> {
  const there = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (there !== undefined) throw new Error(`there is something at ${target} already; a backup never replaces anything`);
}
