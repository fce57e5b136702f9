/** Optimises the networks for this machine's processor once, and stores the result. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import engine from 'onnxruntime-node/package.json' with { type: 'json' };
import { digestOfFile } from '../../files/files.ts';
import { type NetworkFiles, roles } from '../pipeline/networks.ts';
import { optimisedSuffix } from './runtime.ts';
import { sha256 } from './sources.ts';

/** The task of the thread that optimises. */
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
 * @param onFault called with the reason why they cannot be written.
 */
export async function optimiseNetworks(
  files: NetworkFiles,
  onFault: (error: unknown) => void = () => {},
): Promise<NetworkFiles> {
  const processor = await processorFeatures();
  if (processor === undefined) return files;
  const kind = sha256([engine.version, arch(), processor].join('\n')).slice(0, 16);
  const optimised: [string, { readonly path: string }][] = [];
  try {
    for (const { name } of Object.values(roles)) {
      const { path: from } = files[name];
      const folder = join(dirname(from), 'optimised', kind);
      optimised.push([name, { path: (await findIntact(folder, name)) ?? (await make(from, folder, name)) }]);
    }
  } catch (error) {
    onFault(error);
    return files;
  }
  return { ...files, ...Object.fromEntries(optimised) };
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

/** Optimises a network in a thread of its own, so that the memory is freed, and names the file by its digest. */
async function make(from: string, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${randomUUID()}.tmp`);
  try {
    const workerData: OptimiseTask = { from, to: draft };
    await once(new Worker(new URL('./optimise-thread.ts', import.meta.url), { workerData }), 'exit');
    const path = join(folder, nameOf(name, await digestOfFile(draft)));
    await rename(draft, path);
    return path;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
