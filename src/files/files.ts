/** Files that are there whole or not at all, and what tells one from another. */
import { createHash, randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file in the place of what is there: who reads the path finds the old content or the new one, and nothing in
 * between, even if the process or the machine dies.
 * @param mode of the file, such as 0o600.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  return withDraft(path, content, mode, (draft) => rename(draft, path));
}

/**
 * Writes a file where there is none, durably. Of processes that do this at once, one succeeds.
 * @param mode of the file, such as 0o600.
 * @returns false, and nothing is written, if there is a file.
 */
export async function createFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<boolean> {
  try {
    await withDraft(path, content, mode, (draft) => link(draft, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Makes the content of a file durable. */
export async function syncFile(path: string): Promise<void> {
  await using handle = await open(path);
  await handle.sync();
}

/** Makes the names in a folder durable: what was created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a draft beside a path, durably, and has it put in its place; the draft does not stay. */
async function withDraft(
  path: string,
  content: string | Uint8Array,
  mode: number,
  put: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await put(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Bytes of a file that are read at once. */
const chunkBytes = 1 << 18;

/** SHA-256 of a file, hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // One buffer: a stream's, a new one for each part, would stay in the process's memory long after the file is read.
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  await using file = await open(path);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
  }
}
