/** Hashes of passwords, by Argon2id. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a hash costs: the second of the choices that OWASP calls equal (Password Storage Cheat Sheet). Memory in KiB. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const hashBytes = 32;

/** The fewest and most characters of a password (NIST SP 800-63B, on passwords). */
export const passwordLength = { min: 12, max: 256 };

/** Hashes a password, some 20 ms beside the main thread, as `argon2id$19456$2$1$salt$hash`, so that the cost can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  const { memory, passes, parallelism } = cost;
  return ['argon2id', memory, passes, parallelism, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether a password is the one that was hashed. Without a hash it takes as long, and is not. */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  if (kept === undefined) {
    await derive(password, randomBytes(saltBytes), cost);
    return false;
  }
  const [, memory, passes, parallelism, salt = '', hash = ''] = kept.split('$');
  const numbers = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, 'base64url'), numbers),
    Buffer.from(hash, 'base64url'),
  );
}

function derive(password: string, nonce: Buffer, numbers: typeof cost): Promise<Buffer> {
  // Keyboards differ in how they send the same character.
  const message = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength: hashBytes, ...numbers }, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });
}
