/** What there is of one person, page by page. */
import type { Face, Person } from '../../domain/stores.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { toFace } from '../faces.ts';
import type { Scope } from '../scope.ts';
import { directionOf, isBeyond, limitOf, type Page, type PageRequest, pageOf } from './page.ts';

/** A person, and how much there is of it. */
export interface PersonOverview extends Person {
  readonly faces: number;
  readonly groups: number;
}

/** A face, and the models that have embedded it. */
export interface ListedFace extends Face {
  /** The place among the person's faces. */
  readonly ordinal: number;
  /** Digests. */
  readonly models: readonly string[];
}

/** What there is of a person; undefined if there is none. */
export async function findOverview({ db, appid }: Scope, personId: string): Promise<PersonOverview | undefined> {
  const row = await db
    .selectFrom('persons')
    .select(['person_id as id', 'name', 'tag'])
    .select(({ selectFrom, fn }) => {
      const countOf = (table: 'faces' | 'memberships') =>
        selectFrom(table)
          .select(fn.countAll<number>().as('count'))
          .where(`${table}.appid`, '=', appid)
          .where(`${table}.person_id`, '=', personId)
          .$asScalar();
      return [countOf('faces').as('faces'), countOf('memberships').as('groups')];
    })
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row && { ...row, faces: row.faces ?? 0, groups: row.groups ?? 0 };
}

/** The faces of a person, in the order in which they were added. */
export async function facesPage(
  { db, appid }: Scope,
  personId: string,
  page: PageRequest<number>,
): Promise<Page<ListedFace, number>> {
  const rows = await db
    .selectFrom('faces')
    .selectAll()
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where(isBeyond('ordinal', page))
    .orderBy('ordinal', directionOf(page))
    .limit(limitOf(page))
    .execute();
  const list = JSON.stringify(rows.map(({ face_id }) => face_id));
  const embedded = await db
    .selectFrom('embeddings')
    .select(['face_id', 'model'])
    .where('appid', '=', appid)
    .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value'))
    .execute();
  const byFace = Map.groupBy(embedded, ({ face_id }) => face_id);
  const faces = rows.map((row) => ({
    ...toFace(row),
    ordinal: row.ordinal,
    models: (byFace.get(row.face_id) ?? []).map(({ model }) => model).toSorted(),
  }));
  return pageOf(faces, page, ({ ordinal }) => ordinal);
}

/** The groups of a person, in the order in which it joined them. */
export async function groupsOfPage(
  { db, appid }: Scope,
  personId: string,
  page: PageRequest<number>,
): Promise<Page<string, number>> {
  const rows = await db
    .selectFrom('memberships')
    .select(['group_id', 'group_ordinal'])
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where(isBeyond('group_ordinal', page))
    .orderBy('group_ordinal', directionOf(page))
    .limit(limitOf(page))
    .execute();
  const { items, ...around } = pageOf(rows, page, ({ group_ordinal }) => group_ordinal);
  return { ...around, items: items.map(({ group_id }) => group_id) };
}
