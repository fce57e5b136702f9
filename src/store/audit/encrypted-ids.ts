/** The ids that digests of the audit stand for, as they are kept: encrypted, so that nothing plain is left where they were deleted. */
import type { KeyObject } from 'node:crypto';
import { decrypt, encrypt } from '../encryption/cipher.ts';

/** Encrypts an id for the row of its digest. */
export function encryptId(dataKey: KeyObject, digest: string, id: string): string {
  return Buffer.from(encrypt(dataKey, Buffer.from(id), ['audit_ids', digest])).toString('base64url');
}

/**
 * Decrypts an id.
 * @throws DamagedValueError if it was not encrypted with this key for this digest.
 */
export function decryptId(dataKey: KeyObject, digest: string, encryptedId: string): string {
  const value = Buffer.from(encryptedId, 'base64url');
  return Buffer.from(decrypt(dataKey, value, ['audit_ids', digest])).toString();
}
