/** Spreads a register in PostgreSQL over the machines of a Citus cluster. */
import type { Rebalancing, Spreading } from '../store/dialects/postgres/citus.ts';
import { type PlaceSettings, placeOf } from './register.ts';
import { flagOf } from './settings.ts';

export type { Rebalancing, Spreading } from '../store/dialects/postgres/citus.ts';

/** Into how many parts the tables are divided unless the operator says: enough for as many machines. */
export const shardsByDefault = 32;

/**
 * Divides the tables by appid; what is divided already stays as it is.
 * @throws Error for the operator that names the database and says what is missing.
 */
export async function distributeRegister(settings: PlaceSettings, shards: number): Promise<Spreading> {
  return onServer(settings, ({ distribute }, url) => distribute(url, shards));
}

/**
 * Has the machines hold as much as each other; calls go on meanwhile.
 * @throws Error for the operator that names the database and says what is missing.
 */
export async function rebalanceRegister(settings: PlaceSettings): Promise<Rebalancing> {
  return onServer(settings, ({ rebalance }, url) => rebalance(url));
}

type Citus = typeof import('../store/dialects/postgres/citus.ts');

async function onServer<T>(settings: PlaceSettings, work: (citus: Citus, url: string) => Promise<T>): Promise<T> {
  const place = await placeOf(settings);
  if (place.kind === 'file') {
    throw new Error(`a register in a folder is on one machine: name a PostgreSQL database with ${flagOf('database')}`);
  }
  // Loaded where it is used, as the driver is.
  const citus = await import('../store/dialects/postgres/citus.ts');
  try {
    return await work(citus, place.url);
  } catch (cause) {
    throw new Error(`${place.name}: ${(cause as Error).message}`, { cause });
  }
}
