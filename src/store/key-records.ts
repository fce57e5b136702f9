/** Reads and changes what is known of keys besides their SecretKeys. */
import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { KeyChange, KeyRecord } from '../auth/keys.ts';
import type { KeyRow, Tables } from './tables.ts';

/** The columns of a key's record. */
type RecordRow = Omit<KeyRow, 'encrypted_key' | 'ordinal'>;

/** Selects what {@link keyRecordOf} reads. */
export function selectKeyRecords(db: Kysely<Tables>): SelectQueryBuilder<Tables, 'keys', RecordRow> {
  return db
    .selectFrom('keys')
    .select(['secret_id', 'keys.appid', 'created_at', 'revoked_at', 'name', 'expires_at', 'endpoints']);
}

/** A key's record. */
export function keyRecordOf(row: RecordRow): KeyRecord {
  return {
    secretId: row.secret_id,
    appid: row.appid,
    ...(row.name !== null && { name: row.name }),
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.endpoints !== null && { endpoints: JSON.parse(row.endpoints) as string[] }),
    revokedAt: row.revoked_at,
  };
}

/** Every key in order of creation; needs no master key. */
export async function listKeys(db: Kysely<Tables>): Promise<readonly KeyRecord[]> {
  const rows = await selectKeyRecords(db).orderBy('ordinal').execute();
  return rows.map(keyRecordOf);
}

/** The columns of what may be changed of a key. */
export function keyColumnsOf({ name, expiresAt, endpoints }: KeyChange) {
  return {
    ...(name !== undefined && { name }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(endpoints !== undefined && { endpoints: endpoints && JSON.stringify(endpoints) }),
  };
}

/** Changes what is known of a key. */
export async function setKey(db: Kysely<Tables>, secretId: string, change: KeyChange): Promise<void> {
  const columns = keyColumnsOf(change);
  if (Object.keys(columns).length === 0) return;
  await db.updateTable('keys').set(columns).where('secret_id', '=', secretId).execute();
}
