/** Optimises the networks for this machine's processor once, and stores the result. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import engine from 'onnxruntime-node/package.json' with { type: 'json' };
import { digestOfFile } from '../../files/files.ts';
import { type NetworkFiles, roles } from '../pipeline/networks.ts';
import { type NetworkName, optimisedSuffix } from './catalog.ts';
import { sha256 } from './sources.ts';

/** A network to be optimised. */
export interface OptimiseTask {
  /** An ONNX file. */
  readonly from: string;
  /** Where to write. */
  readonly to: string;
}

/**
 * The files to load: `optimised/<engine and processor>/<name>-<SHA-256>.ort` beside a network's ONNX file. A file whose
 * digest is not the one in its name is written again. Where the processor's features are unknown, or the files cannot
 * be written because the disk is full or read-only, the ONNX files are used instead: they take longer to load, and more
 * memory.
 * @param write optimises networks and writes them.
 * @param onFault called with the reason why they cannot be written.
 */
export async function optimiseNetworks(
  files: NetworkFiles,
  write: (tasks: readonly OptimiseTask[]) => Promise<void>,
  onFault: (error: unknown) => void = () => {},
): Promise<NetworkFiles> {
  const processor = await processorFeatures();
  if (processor === undefined) return files;
  const kind = sha256([engine.version, arch(), processor].join('\n')).slice(0, 16);
  const names = Object.values(roles).map(({ name }) => name);
  const folderOf = (name: NetworkName): string => join(dirname(files[name].path), 'optimised', kind);
  try {
    const paths = new Map<NetworkName, string>();
    for (const name of names) {
      const path = await findIntact(folderOf(name), name);
      if (path !== undefined) paths.set(name, path);
    }
    const missing = names.filter((name) => !paths.has(name));
    const made = await make(
      missing.map((name) => ({ name, from: files[name].path, folder: folderOf(name) })),
      write,
    );
    for (const [i, path] of made.entries()) paths.set(missing[i]!, path);
    return { ...files, ...Object.fromEntries([...paths].map(([name, path]) => [name, { path }])) };
  } catch (error) {
    onFault(error);
    return files;
  }
}

/** The processor's features, by which the engine chooses the layout of weights. */
async function processorFeatures(): Promise<string | undefined> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return /^(?:flags|Features)\s*:\s*(.+)$/m.exec(text)?.[1];
}

async function findIntact(folder: string, name: string): Promise<string | undefined> {
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries.filter((entry) => entry.startsWith(`${name}-`))) {
    const path = join(folder, entry);
    if (entry === nameOf(name, await digestOfFile(path))) return path;
    await rm(path);
  }
  return undefined;
}

function nameOf(name: string, digest: string): string {
  return `${name}-${digest}${optimisedSuffix}`;
}

/** Has networks written, and names each by its bytes. */
async function make(
  networks: readonly { readonly name: NetworkName; readonly from: string; readonly folder: string }[],
  write: (tasks: readonly OptimiseTask[]) => Promise<void>,
): Promise<readonly string[]> {
  if (networks.length === 0) return [];
  const drafts = networks.map(({ folder }) => join(folder, `${randomUUID()}.tmp`));
  try {
    for (const { folder } of networks) await mkdir(folder, { recursive: true });
    await write(networks.map(({ from }, i) => ({ from, to: drafts[i]! })));
    const paths: string[] = [];
    for (const [i, { name, folder }] of networks.entries()) {
      const path = join(folder, nameOf(name, await digestOfFile(drafts[i]!)));
      await rename(drafts[i]!, path);
      paths.push(path);
    }
    return paths;
  } finally {
    for (const draft of drafts) await rm(draft, { force: true }).catch(() => {});
  }
}
