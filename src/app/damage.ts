/** Tells the operator which rows of a register are damaged, and the way out. */
import { checkValues, type DamagedRow } from '../store/check-values.ts';
import { DamagedValueError } from '../store/encryption/cipher.ts';
import { failureOf } from '../store/failure.ts';
import { findMasterKey } from './master-key.ts';
import { placeOf } from './register.ts';
import { inspectRegister } from './report.ts';
import type { Settings } from './settings.ts';

/** Rows that are named of each table and appid. */
const namedMax = 20;

/** The damaged rows by table and appid: `embeddings of appid 1001: 2 damaged rows: 17, 23`. */
export function describeDamage(rows: readonly DamagedRow[]): string {
  const parts = Map.groupBy(rows, ({ table, appid }) => `${table} of appid ${appid}`);
  return [...parts]
    .map(([name, some]) => {
      const named = some.filter(({ row }) => row.length > 0);
      if (named.length === 0) return `${name}: ${some[0]!.found}`;
      const ids = named.slice(0, namedMax).map(({ row }) => row[0]);
      const more = named.length > namedMax ? ' …' : '';
      return `${name}: ${named.length} damaged ${named.length === 1 ? 'row' : 'rows'}: ${ids.join(', ')}${more}`;
    })
    .join('; ');
}

/**
 * What to tell of a failure to fill the index: of damage, which rows it has hit and the way out; anything else as it is.
 */
export async function explainDamage(settings: Settings, error: unknown): Promise<unknown> {
  if (!isDamage(error)) return error;
  const rows = await damagedEmbeddings(settings).catch(() => []);
  const { name } = await placeOf(settings);
  const named = rows.length === 0 ? causeOf(error) : describeDamage(rows);
  return new Error(
    `The register ${name} is damaged. ${named}. Put a backup in its place, or have the damaged faces erased with ` +
      '`familiar doctor --deep --forget-damaged`. `familiar doctor --deep` names everything that is damaged.',
    { cause: error },
  );
}

async function damagedEmbeddings(settings: Settings): Promise<readonly DamagedRow[]> {
  await using register = await inspectRegister(settings);
  if (register === undefined) return [];
  const key = await findMasterKey(settings, await register.fingerprint());
  return key === undefined ? [] : await checkValues(register.db, key, { names: ['embeddings'] });
}

function isDamage(error: unknown): boolean {
  return failureOf(error) === 'damaged' || chainOf(error).some((each) => each instanceof DamagedValueError);
}

/** What the database says, which is the last of the causes. */
function causeOf(error: unknown): string {
  return chainOf(error).at(-1)?.message ?? '';
}

function chainOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : [];
}
