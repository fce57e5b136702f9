/** Files that are there whole or not at all, and what tells one from another. */
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file in the place of what is there: who reads the path finds the old content or the new one, and nothing in
 * between, even if the process or the machine dies.
 * @param mode of the file, such as 0o600.
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
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
