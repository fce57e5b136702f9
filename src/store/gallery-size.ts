/** Tells about how large a gallery is, by counts that are kept: to count its rows would take longer the more there are. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from './dialects/dialect.ts';
import { prepare } from './prepared.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** How many persons and faces there are. */
export interface GallerySizeEstimate {
  /** Of several groups, who is in two of them is counted twice. */
  readonly persons: number;
  /** Of groups, as many for each person as the appid's persons have on average, rounded. */
  readonly faces: number;
}

/**
 * The size of some groups together, or of all that an appid keeps.
 * @param groupIds all if absent.
 */
export async function gallerySizeOf(
  { db, appid }: Scope,
  groupIds: readonly string[] | undefined,
): Promise<GallerySizeEstimate> {
  const [kept] = await keptQuery(db, { appid });
  const { persons, faces } = kept ?? { persons: 0, faces: 0 };
  if (groupIds === undefined || persons === 0) return { persons, faces };
  const [row] = await membersQuery(db, { appid, list: JSON.stringify(groupIds) });
  const members = Number(row!.members);
  return { persons: members, faces: Math.round((members * faces) / persons) };
}

const keptQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectFrom('registries').select(['persons', 'faces']).where('appid', '=', appid),
);

const membersQuery = prepare((db: Kysely<Tables>, { appid, list }: { readonly appid: string; readonly list: string }) =>
  db
    .selectFrom('groups')
    .select(sql<number | string>`coalesce(sum(members), 0)`.as('members'))
    .where('appid', '=', appid)
    .where('group_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);
