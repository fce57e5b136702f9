/** Lists, adds, checks and switches the model packs of an installation. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Packs } from '../store/open.ts';
import { importNetworks } from '../vision/models/import.ts';
import {
  faultsOf,
  findInstalled,
  type InstallOptions,
  installPack,
  listInstalled,
  manifestFile,
  packNameInUse,
  setPackInUse,
} from '../vision/packs/folder.ts';
import { builtinPack, knownPacks, type PackCard } from '../vision/packs/known.ts';
import { builtinName, digestOf, type Manifest, readManifest } from '../vision/packs/manifest.ts';
import { checkNetworks, openPreparation } from '../vision/pool/analysis-process.ts';

/** The folder in the data folder that holds the packs. */
export const packsFolder = 'packs';

/** A pack as an installation has it. */
export interface PackState extends PackCard {
  /** Whether it is in use; by a running server from its next start on. */
  readonly inUse: boolean;
  readonly installed: boolean;
}

/** What became of checking a pack. */
export interface PackCheck {
  readonly name: string;
  /** Empty if every file is there with its digest. */
  readonly faults: readonly string[];
}

/** The folders of an installation. */
export interface PackPlaces {
  readonly packs: string;
  /** Of the imported networks. */
  readonly models: string;
}

/**
 * Every pack that is installed or known, the built-in one first.
 * @param shared the one that all servers of a database have in use; the folder says it if absent.
 */
export async function listPacks({ packs }: PackPlaces, shared?: string): Promise<readonly PackState[]> {
  const used = shared ?? (await packNameInUse(packs));
  const installed = (await listInstalled(packs)).map(({ manifest }) => manifest);
  const absent = knownPacks.filter(({ name }) => !installed.some((pack) => pack.name === name));
  const state = (pack: PackCard, isThere: boolean) => ({ ...pack, inUse: pack.name === used, installed: isThere });
  return [
    state(builtinPack, true),
    ...installed.map((pack) => state(pack, true)),
    ...absent.map((pack) => state(pack, false)),
  ];
}

/**
 * Installs a pack, or the same version of it anew.
 * @param source a known pack's name, a manifest's file, or a folder with a manifest; files beside the manifest are
 *   used.
 * @throws Error that says what is wrong, for the operator.
 */
export async function addPack({ packs }: PackPlaces, source: string, options: InstallOptions): Promise<Manifest> {
  const known = knownPacks.find(({ name }) => name === source);
  const path = known ? undefined : await manifestAt(source);
  const manifest = known ?? readManifest(JSON.parse(await readFile(path!, 'utf8')));
  const from = options.from ?? (path && dirname(path));
  await refuseOtherVersion(packs, manifest);
  await using preparation = openPreparation(packs);
  return (await installPack(packs, manifest, { ...options, from, convert: preparation.convert })).manifest;
}

/**
 * A pack's model is that of its first version: a process of a running server that loads its networks later would give embeddings of another
 * one out as such.
 */
async function refuseOtherVersion(packs: string, manifest: Manifest): Promise<void> {
  const { name } = manifest;
  // One whose manifest cannot be read is no use to anybody.
  const installed = await findInstalled(packs, name).catch(() => undefined);
  if (installed === undefined || installed.digest === digestOf(manifest)) return;
  throw new Error(
    `Another version of ${name} is installed, of which faces may have embeddings. Give this one another name, or stop the servers and delete ${installed.folder}.`,
  );
}

/**
 * Switches the installation to a pack, once its files and networks are found to be what its manifest says.
 * @param shared where all servers of a database have it in use, instead of the folder.
 * @throws Error that says what is wrong, for the operator.
 */
export async function usePack({ packs }: PackPlaces, name: string, shared?: Pick<Packs, 'use'>): Promise<PackCard> {
  const pack = await found(packs, name);
  if (pack) {
    const faults = await faultsOf(pack);
    if (faults.length > 0) throw new Error(`${faults.join(' ')} Add the pack again.`);
    await checkNetworks(pack);
  }
  if (shared === undefined) await setPackInUse(packs, name);
  else await shared.use(name);
  return pack?.manifest ?? builtinPack;
}

/**
 * Checks the files of a pack, or of every pack that is there. Networks of the built-in one that are missing or damaged
 * are imported again.
 * @throws Error if there is no such pack.
 */
export async function verifyPacks({ packs, models }: PackPlaces, name?: string): Promise<readonly PackCheck[]> {
  const chosen =
    name === undefined ? await listInstalled(packs) : [await found(packs, name)].filter((pack) => pack !== undefined);
  const checks: PackCheck[] = [];
  if (name === undefined || name === builtinName) {
    const fault = await importNetworks(models).then(
      () => undefined,
      (error: Error) => error.message,
    );
    checks.push({ name: builtinName, faults: fault === undefined ? [] : [fault] });
  }
  for (const pack of chosen) checks.push({ name: pack.manifest.name, faults: await faultsOf(pack) });
  return checks;
}

/** @returns undefined for the built-in pack. */
async function found(packs: string, name: string) {
  if (name === builtinName) return undefined;
  const pack = await findInstalled(packs, name);
  if (pack) return pack;
  throw new Error(`There is no pack called ${name} here; "familiar models list" shows what there is.`);
}

async function manifestAt(source: string): Promise<string> {
  const there = await stat(source).catch(() => undefined);
  if (there?.isFile()) return source;
  const path = join(source, manifestFile);
  if (there?.isDirectory() && (await stat(path).catch(() => undefined))) return path;
  const names = knownPacks.map(({ name }) => name).join(', ');
  throw new Error(`${source} is neither a known pack (${names}) nor a manifest nor a folder with a ${manifestFile}.`);
}
