/** Counts what there is, row by row. */
import type { Kysely } from 'kysely';
import type { GallerySize } from '../sync/change-feed.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** How much there is of one appid. */
export async function sizeOf({ db, appid }: Scope, model: string): Promise<GallerySize> {
  const { faces } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('appid', '=', appid)
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  const { persons } = await db
    .selectFrom('persons')
    .select((eb) => eb.fn.countAll<number>().as('persons'))
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  const { groups, memberships } = await db
    .selectFrom('groups')
    .select((eb) => [eb.fn.countAll<number>().as('groups'), eb.fn.sum<number | null>('members').as('memberships')])
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  return { faces, persons, groups, memberships: memberships ?? 0 };
}

/** How many faces a model has embedded, of all appids. */
export async function countFaces(db: Kysely<Tables>, model: string): Promise<number> {
  const { faces } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  return faces;
}
