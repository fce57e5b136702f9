/** Tells the audit with which settings a server starts, where they differ from those of its last start. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import type { Tables } from '../tables.ts';
import type { LineHasher } from './hash.ts';
import { type AuditTrail, installation } from './trail.ts';

/** A setting that is not left as it comes. */
export interface StartSetting {
  /** As JSON. */
  readonly value: string;
  /** Of which only the name may be told. */
  readonly isSecret: boolean;
}

/** What changed: the value before and now, null where the default holds; of secret ones only that they did. */
type Difference = Readonly<Record<string, readonly [before: unknown, now: unknown] | 'changed'>>;

/**
 * Writes a line if a server's settings differ from those of its last start, and keeps them for the next.
 * @param server where it runs.
 * @param settings those that are not left as they come, by name.
 */
export async function noteSettings(
  trx: Kysely<Tables>,
  { trail, hasher }: { readonly trail: AuditTrail; readonly hasher: LineHasher },
  server: string,
  settings: Readonly<Record<string, StartSetting>>,
): Promise<void> {
  await dialectOf(trx).lockKeys(trx);
  const row = await trx.selectFrom('audit_settings').select('settings').where('server', '=', server).executeTakeFirst();
  const before: Readonly<Record<string, StartSetting>> = row === undefined ? {} : JSON.parse(row.settings);
  const now = Object.fromEntries(
    Object.entries(settings).map(([name, { value, isSecret }]) => [
      name,
      { value: isSecret ? hasher.tell(value) : value, isSecret },
    ]),
  );
  const difference = differenceOf(before, now);
  if (row !== undefined && Object.keys(difference).length === 0) return;
  const kept = JSON.stringify(now);
  await trx
    .insertInto('audit_settings')
    .values({ server, settings: kept })
    .onConflict((conflict) => conflict.column('server').doUpdateSet({ settings: kept }))
    .execute();
  await trail.note(trx, installation, { action: 'settings', detail: { server, settings: difference } });
}

function differenceOf(
  before: Readonly<Record<string, StartSetting>>,
  now: Readonly<Record<string, StartSetting>>,
): Difference {
  const difference: Record<string, Difference[string]> = {};
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()) {
    const [old, current] = [before[name], now[name]];
    if (old?.value === current?.value) continue;
    const isSecret = old?.isSecret === true || current?.isSecret === true;
    difference[name] = isSecret ? 'changed' : [parsed(old), parsed(current)];
  }
  return difference;
}

function parsed(setting: StartSetting | undefined): unknown {
  return setting === undefined ? null : JSON.parse(setting.value);
}
