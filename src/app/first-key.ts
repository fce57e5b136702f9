/** Makes keys, and gives an empty installation its first one. */
import { randomInt } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Key, KeyStore } from '../auth/keys.ts';
import { createFile, replaceFile } from '../files/files.ts';

/** The file in the data folder that holds the first key. */
export const firstKeyFile = 'first-key.json';

const fileSchema = z.strictObject({
  appid: z.string().min(1),
  secret_id: z.string().min(1),
  secret_key: z.string().min(1),
});
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Fresh credentials in the shape that clients know: `AKID` and 32 letters, a key of 32 letters. */
export function makeKey(
  now: number,
  given: { readonly [K in 'appid' | 'secretId' | 'secretKey']?: string | undefined } = {},
): Key {
  return {
    appid: given.appid ?? String(randomInt(1_000_000_000, 2_000_000_000)),
    secretId: given.secretId ?? `AKID${randomText(32)}`,
    secretKey: given.secretKey ?? randomText(32),
    createdAt: now,
    revokedAt: null,
  };
}

/**
 * Gives an installation without any key its first one. The file is written before the database, and read again if it is
 * there already, so that dying in between leaves credentials that the next start makes good, and so that processes that
 * start at once make one key.
 * @returns the key if this call made it, undefined if there were keys.
 */
export async function ensureFirstKey(folder: string, keys: KeyStore, now: number): Promise<Key | undefined> {
  if ((await keys.listKeys()).length > 0) return undefined;
  const key = await firstKeyOf(join(folder, firstKeyFile), now);
  if (await keys.addKey(key, [], true)) return key;
  // Servers that share a database have a folder each: of those that start at once, one has made the key.
  const isKept = (await keys.listKeys()).some(({ secretId }) => secretId === key.secretId);
  if (!isKept) await rm(join(folder, firstKeyFile), { force: true });
  return undefined;
}

async function firstKeyOf(path: string, now: number): Promise<Key> {
  const written = await readKey(path, now);
  if (written === undefined) {
    const key = makeKey(now);
    // Another process may have written its key by now, which then is the one.
    return (await createFile(path, textOf(key), 0o600)) ? key : firstKeyOf(path, now);
  }
  // The same content, in a file that only its owner may read.
  await replaceFile(path, textOf(written), 0o600);
  return written;
}

/**
 * Reads the first key.
 * @returns undefined if the file is not there.
 * @throws Error that names the file if it holds no key.
 */
export async function readKey(path: string, now: number): Promise<Key | undefined> {
  try {
    const written = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return makeKey(now, { appid: written.appid, secretId: written.secret_id, secretKey: written.secret_key });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read; move it away to have new credentials made`, { cause: error });
  }
}

function textOf({ appid, secretId, secretKey }: Key): string {
  return `${JSON.stringify({ appid, secret_id: secretId, secret_key: secretKey }, null, 2)}\n`;
}

function randomText(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
