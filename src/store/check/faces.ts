/** What rows of faces tell without their embeddings: which are of low quality, and who has only one. */
import { sql } from 'kysely';
import { constant } from '../dialects/expressions.ts';
import type { Scope } from '../scope.ts';

/** A face whose quality is low. */
export interface PoorFace {
  readonly person: string;
  readonly face: string;
  readonly quality: number;
}

/** The faces whose quality is below a limit, the worst first. */
export async function facesBelow({ db, appid }: Scope, quality: number, count: number): Promise<readonly PoorFace[]> {
  return db
    .selectFrom('faces')
    .select(['person_id as person', 'face_id as face'])
    .select(sql<number>`quality`.as('quality'))
    .where('appid', '=', appid)
    .where('quality', '<', quality)
    .orderBy('quality')
    .orderBy('face_id')
    .limit(constant(count))
    .execute();
}

/** How many faces have no quality that is known: older versions did not keep it. */
export async function countUnknownQuality({ db, appid }: Scope): Promise<number> {
  const { unknown } = await db
    .selectFrom('faces')
    .select((eb) => eb.fn.countAll<number>().as('unknown'))
    .where('appid', '=', appid)
    .where('quality', 'is', null)
    .executeTakeFirstOrThrow();
  return unknown;
}

/** Persons with one face, in the order of their ids, from after one of them on. */
export async function personsWithOneFace(
  { db, appid }: Scope,
  after: string,
  count: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('faces')
    .select('person_id')
    .where('appid', '=', appid)
    .where('person_id', '>', after)
    .groupBy('person_id')
    .having((eb) => eb.fn.countAll<number>(), '=', constant(1))
    .orderBy('person_id')
    .limit(constant(count))
    .execute();
  return rows.map(({ person_id: id }) => id);
}
