/** Which persons were not seen for long. A person is seen when a face of it is enrolled, or recognised by verify or identify. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import type { Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';

/** A person that nobody saw for long. */
export interface DuePerson {
  readonly personId: string;
  /** When it was seen last, in days since 1970 in UTC. */
  readonly lastDay: number;
  readonly faces: number;
}

/** Persons of whom it is asked, in the order of their ids. */
export type Asked =
  | { readonly after: string; readonly count: number }
  /** A JSON list. */
  | { readonly among: string };

/**
 * Those of some persons that were not seen for so many days; persons without a face, of whom that is not known, are none of them.
 * @param days after the day on which it was last seen, so many days have gone by.
 */
export async function duePersons({ db, appid }: Scope, days: number, asked: Asked): Promise<readonly DuePerson[]> {
  return db
    .selectFrom('faces')
    .leftJoin('sightings', (join) =>
      join.onRef('sightings.appid', '=', 'faces.appid').onRef('sightings.face_id', '=', 'faces.face_id'),
    )
    .select(['faces.person_id as personId', lastDay.as('lastDay')])
    .select((eb) => eb.fn.countAll<number>().as('faces'))
    .where('faces.appid', '=', appid)
    .$if('after' in asked, (query) => query.where('faces.person_id', '>', (asked as { after: string }).after))
    .$if('among' in asked, (query) =>
      query.where('faces.person_id', 'in', listed(db, (asked as { among: string }).among)),
    )
    .groupBy('faces.person_id')
    .having(lastDay, '<', sql<number>`${dialectOf(db).today} - ${constant(days)}`)
    .orderBy('faces.person_id')
    .$if('after' in asked, (query) => query.limit(constant((asked as { count: number }).count)))
    .execute();
}

const lastDay = sql<number>`max(case when sightings.day > faces.enrolled_day then sightings.day else faces.enrolled_day end)`;

function listed(db: Kysely<Tables>, list: string) {
  return db.selectFrom(dialectOf(db).asked(list)).select('value');
}
