/** What a backup says of itself, in `backup.json`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOfFile } from '../../files/files.ts';

/** The file of a backup that describes the others. */
export const manifestFile = 'backup.json';

const schema = z.strictObject({
  /** Raised when a program of today could not read what a later one writes. */
  format: z.literal(1),
  /** When it was begun: what was answered before is in it. */
  madeAt: z.iso.datetime(),
  /** Version of the program that made it. */
  version: z.string(),
  /** Fingerprint of the master key that opens it; null if nothing in it is encrypted. */
  masterKey: z.string().nullable(),
  /** The pack of networks in use; null for the built-in ones. */
  pack: z.string().nullable(),
  contents: z.strictObject({ appids: z.int(), persons: z.int(), faces: z.int() }),
  files: z.array(z.strictObject({ name: z.string().regex(/^[\w-]+\.db$/), bytes: z.int(), sha256: z.string() })),
});

/** What a backup says of itself. */
export type Manifest = z.output<typeof schema>;

/**
 * Reads the description of a backup.
 * @throws Error if the folder is no backup, or one of a later version.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? `it has no ${manifestFile}` : cause.message;
    throw new Error(`${folder} is no backup: ${why}`, { cause });
  });
  const read = schema.safeParse(parseJson(text));
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new Error(`${join(folder, manifestFile)} is not understood: ${path.join('.')} ${message}`);
}

/**
 * Checks that a backup's files are the ones that it was made of.
 * @throws Error that names the first file that is missing or was changed.
 */
export async function checkFiles(folder: string, { files }: Pick<Manifest, 'files'>): Promise<void> {
  for (const { name, sha256 } of files) {
    const digest = await digestOfFile(join(folder, name)).catch((cause: Error) => {
      throw new Error(`${join(folder, name)} cannot be read: ${cause.message}`, { cause });
    });
    if (digest !== sha256) throw new Error(`${join(folder, name)} was changed since the backup was made`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
