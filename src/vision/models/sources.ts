/** Reads files of npm packages, and accepts only those whose digest is in the table of networks. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { packages, type SourceFile } from './catalog.ts';

/** SHA-256, hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The bytes of a package's file.
 * @param modules the `node_modules` folder that has the package; if undefined, wherever Node finds it.
 * @throws Error, saying what to do, if the file is missing or differs from the table.
 */
export async function readSource(
  name: keyof typeof packages,
  file: SourceFile,
  modules: string | undefined,
): Promise<Uint8Array> {
  const wanted = `${file.path} of ${name} ${packages[name].version}`;
  let bytes: Uint8Array;
  try {
    const root = modules === undefined ? dirname(findPackageJSON(name, import.meta.url)!) : join(modules, name);
    bytes = await readFile(join(root, file.path));
  } catch (cause) {
    throw new Error(`Cannot read ${wanted}. Run "npm ci" in the project's folder to install it.`, { cause });
  }
  const digest = sha256(bytes);
  if (digest === file.sha256) return bytes;
  throw new Error(
    `The installed file is not ${wanted}: its SHA-256 is ${digest} and should be ${file.sha256}. ` +
      `Run "npm ci" in the project's folder to install that version anew.`,
  );
}
