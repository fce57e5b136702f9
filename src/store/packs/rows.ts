/** Reads and changes the rows of packs within the transactions of upgrades. */
import type { Kysely, Selectable } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import type { PackRow, Tables } from '../tables.ts';
import { readPacks } from './state.ts';

/** A server that has not reported for so long is not waited for, in milliseconds. */
const silentMs = 10_000;

/**
 * Has a pack converted once more before it comes to be in use: a face was stored that may have no embedding of it. In the
 * transaction that stores the face.
 * @param models of which the face has embeddings.
 */
export async function reopenUnless(trx: Kysely<Tables>, models: readonly string[]): Promise<void> {
  const complete = (await readPacks(trx)).find(({ upgrade }) => upgrade?.phase === 'complete');
  if (complete === undefined || models.includes(complete.model ?? '')) return;
  await trx
    .updateTable('packs')
    .set({ phase: 'converting' })
    .where('name', '=', complete.name)
    .where('phase', '=', 'complete')
    .execute();
}

/** Has the faces that could not be converted tried once more. */
export async function forgetFailures(trx: Kysely<Tables>, model: string): Promise<void> {
  await trx.deleteFrom('unconverted_faces').where('model', '=', model).execute();
}

/** What an upgrade has while it waits for the operator: nobody converts, and no new face needs an embedding of a pack that is only prepared. */
export function atRest({ state, required }: Pick<Selectable<PackRow>, 'state' | 'required'>) {
  return { worker: '', required: state === 'preparing' ? 0 : required };
}

/** Changes the row of a pack. */
export async function update(
  trx: Kysely<Tables>,
  name: string,
  values: Parameters<ReturnType<Kysely<Tables>['updateTable']>['set']>[0] | object,
): Promise<void> {
  await trx
    .updateTable('packs')
    .set(values as Partial<PackRow>)
    .where('name', '=', name)
    .execute();
}

/** The moment, by the clock of the database. */
export async function nowOf(trx: Kysely<Tables>): Promise<number> {
  const { now } = await trx.selectNoFrom(dialectOf(trx).now().as('now')).executeTakeFirstOrThrow();
  return now;
}

/** What servers say of a pack that have said so lately. */
export async function reportsNow(trx: Kysely<Tables>, pack: string) {
  const now = await nowOf(trx);
  const rows = await trx.selectFrom('pack_reports').selectAll().where('pack', '=', pack).execute();
  return { now, recent: rows.filter(({ seen_at }) => seen_at > now - silentMs) };
}
