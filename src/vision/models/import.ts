/** Imports the networks of npm packages as ONNX files into a folder; written once and checked at every start. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile } from '../../files/files.ts';
import { identityOf, type NetworkName, networkCatalog } from './catalog.ts';
import { sha256 } from './sources.ts';

/** A network's ONNX file. */
export interface ImportedNetwork {
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** What the network computes, as {@link identityOf} tells it. */
  readonly identity: string;
}

/** Every built-in network, ready to be loaded. */
export interface ImportedNetworks {
  /** SHA-256 over the digests of all networks, hexadecimal. */
  readonly digest: string;
  readonly networks: Readonly<Record<NetworkName, ImportedNetwork>>;
}

/** How to import. */
export interface ImportOptions {
  /** Called after each network. */
  readonly onProgress?: ((done: number, total: number, name: NetworkName) => void) | undefined;
  /** Cancels the import; checked between two networks. */
  readonly signal?: AbortSignal | undefined;
  /** The `node_modules` folder with the packages; wherever Node finds them if absent. */
  readonly modules?: string | undefined;
  /** Converts a network and writes it to a path, in the place of what is there; in this process if absent. */
  readonly convert?: ((name: NetworkName, path: string) => Promise<void>) | undefined;
}

/**
 * Makes sure that `<folder>/<pack digest>/<name>.onnx` exists for every network. A file whose digest differs from the
 * table is written again; another process may do the same at the same time.
 * @throws Error, saying what to do, if a package's file is missing or differs from the table.
 */
export async function importNetworks(folder: string, options: ImportOptions = {}): Promise<ImportedNetworks> {
  const names = Object.keys(networkCatalog) as NetworkName[];
  const digest = sha256(names.map((name) => networkCatalog[name].sha256).join('\n'));
  const home = join(folder, digest);
  await mkdir(home, { recursive: true });
  const imported = names.map((name) => [
    name,
    {
      path: join(home, `${name}.onnx`),
      sha256: networkCatalog[name].sha256,
      identity: identityOf(networkCatalog[name]),
    },
  ]);
  const pack: ImportedNetworks = { digest, networks: Object.fromEntries(imported) };
  const convert = options.convert ?? ((name, path) => convertHere(name, path, options.modules));
  for (const [index, name] of names.entries()) {
    options.signal?.throwIfAborted();
    const { path, sha256: expected } = pack.networks[name];
    if (!(await isIntact(path, expected))) await convert(name, path);
    options.onProgress?.(index + 1, names.length, name);
  }
  return pack;
}

async function isIntact(path: string, expected: string): Promise<boolean> {
  try {
    return (await digestOfFile(path)) === expected;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** What converts networks is loaded only when there is one to convert: that is nearly never. */
async function convertHere(name: NetworkName, path: string, modules: string | undefined): Promise<void> {
  const { convertNetwork } = await import('./convert.ts');
  await convertNetwork(name, path, modules);
}
