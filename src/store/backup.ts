/** Copies a register while it is used, and says what a copy holds. */
import { sql } from 'kysely';
import { copySqlite } from './dialects/sqlite/copy.ts';
import { callsFileOf } from './dialects/sqlite/database.ts';
import { forgetEveryChange } from './feed/prune.ts';
import { inspect } from './inspect.ts';

/** What a copy of a register holds. */
export interface RegisterContents {
  readonly appids: number;
  readonly persons: number;
  readonly faces: number;
  /** Of the master key that opens it; null if nothing has been encrypted. */
  readonly masterKey: string | null;
}

/**
 * Copies the files of a register. Each is one moment's; the counts of calls are those of a moment later, so that no call is
 * there that was not counted. The copy knows nothing of who was erased before: its change feed is empty.
 * @param target path of the copy of the first file; the other one stands beside it, as that of the register does.
 * @param onProgress called with how many of how many bytes are copied.
 */
export async function copyRegister(
  file: string,
  target: string,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  await copySqlite(file, target, forgetEveryChange, onProgress);
  await copySqlite(callsFileOf(file), callsFileOf(target), []);
}

/**
 * Says what a register holds, and checks its pages.
 * @throws Error that names what is damaged; or if it cannot be read, or is of another version.
 */
export async function examineCopy(file: string): Promise<RegisterContents> {
  await using register = await inspect(file);
  const faults = (await register.checkPages()) ?? [];
  if (faults.length > 0) throw new Error(`pages are damaged: ${faults.join('; ')}`);
  const count = async (table: 'tenants' | 'persons' | 'faces'): Promise<number> => {
    const row = await register.db.selectFrom(table).select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow();
    return row.count;
  };
  return {
    appids: await count('tenants'),
    persons: await count('persons'),
    faces: await count('faces'),
    masterKey: (await register.fingerprint()) ?? null,
  };
}
