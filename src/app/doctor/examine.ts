/** Checks an installation: what it needs, what is wrong with it, and how to repair it. It changes nothing, and makes nothing. */
import { cp, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelsFolder, openAnalyzer } from '../analyzer.ts';
import type { Settings } from '../settings.ts';
import { type Check, Fault, type Finding, type Machine } from './check.ts';
import { dataFolder, diskSpace, modelPack, networks, node, port } from './machine-checks.ts';
import { firstKeyFileCheck, keys, masterKey, register } from './register-checks.ts';

const realMachine: Machine = {
  nodeVersion: process.versions.node,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  openAnalyzer: openAnalyzerOnCopy,
};

const checks: readonly Check[] = [
  node,
  dataFolder,
  diskSpace,
  register,
  masterKey,
  keys,
  firstKeyFileCheck,
  modelPack,
  networks,
  port,
];

/**
 * Checks an installation; every check runs, whatever the ones before it found.
 * @param more checks that run after the usual ones.
 */
export async function examine(
  settings: Settings,
  machine: Machine = realMachine,
  more: readonly Check[] = [],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { check, look } of [...checks, ...more]) {
    try {
      findings.push({ check, ok: true, found: await look(settings, machine), mend: '' });
    } catch (error) {
      const mend = error instanceof Fault ? error.mend : 'Nothing that is known: report it with the log of the server.';
      findings.push({ check, ok: false, found: (error as Error).message, mend });
    }
  }
  return findings;
}

/** Opens a copy of the imported networks, since those that are missing or damaged would be written anew. */
async function openAnalyzerOnCopy(settings: Settings): ReturnType<Machine['openAnalyzer']> {
  const copy = await mkdtemp(join(tmpdir(), 'familiar-doctor-'));
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    const imported = join(settings.data, modelsFolder);
    const isThere = await stat(imported).then(
      () => true,
      () => false,
    );
    if (isThere) await cp(imported, copy, { recursive: true, dereference: true });
    const analyzer = await openAnalyzer(settings, () => {}, copy);
    const close = async (): Promise<void> => {
      await analyzer[Symbol.asyncDispose]();
      await remove();
    };
    return { model: analyzer.model, [Symbol.asyncDispose]: close };
  } catch (error) {
    await remove();
    throw error;
  }
}
