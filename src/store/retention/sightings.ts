/** When persons were last seen: gathered in memory while calls are answered, and written beside them, with the precision of a day. */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Transactions } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { prepareWrite } from '../prepared.ts';
import type { Tables } from '../tables.ts';

/** Faces that one transaction writes, so that others do not wait long. */
const facesAtOnce = 1_000;
/** Faces of an appid that are remembered as written today; then they are forgotten, and may be written once more. */
const rememberedMax = 200_000;
const dayMs = 24 * 60 * 60 * 1_000;

/** The faces that were seen and are to be written. */
export class Sightings {
  readonly #transactions: Transactions;
  readonly #now: () => number;
  /** By appid: the faces that were noted today, and those of them that are to be written. */
  readonly #appids = new Map<string, { readonly noted: Set<string>; pending: Set<string> }>();
  #day = 0;

  /** @param now milliseconds since 1970: only tells when a day is over; the database says which day is written. */
  constructor(transactions: Transactions, now: () => number) {
    this.#transactions = transactions;
    this.#now = now;
  }

  /** Notes that a face was recognised; nobody waits for it to be written. */
  note(appid: string, faceId: string): void {
    const day = Math.floor(this.#now() / dayMs);
    if (day !== this.#day) for (const { noted } of this.#appids.values()) noted.clear();
    this.#day = day;
    let known = this.#appids.get(appid);
    if (known === undefined) {
      known = { noted: new Set(), pending: new Set() };
      this.#appids.set(appid, known);
    }
    if (known.noted.has(faceId)) return;
    if (known.noted.size >= rememberedMax) known.noted.clear();
    known.noted.add(faceId);
    known.pending.add(faceId);
  }

  /** Writes what was noted; what could not be written is written the next time. @throws the database's failure. */
  async write(): Promise<void> {
    for (const [appid, known] of this.#appids) {
      const faces = [...known.pending];
      known.pending = new Set();
      for (let i = 0; i < faces.length; i += facesAtOnce) {
        try {
          await this.#writeSome(appid, faces.slice(i, i + facesAtOnce));
        } catch (error) {
          for (const face of faces.slice(i)) known.pending.add(face);
          throw error;
        }
      }
    }
  }

  #writeSome(appid: string, faces: readonly string[]): Promise<void> {
    return this.#transactions.run(async (trx) => {
      // Nobody erases a face between its being found and its being written.
      await dialectOf(trx).lockRegistry?.(trx, appid);
      await insertSightings(trx, { appid, list: JSON.stringify(faces) });
    }, appid);
  }
}

/** Faces of an appid, as a JSON list. */
interface FacesOf {
  readonly appid: string;
  readonly list: string;
}

const insertSightings = prepareWrite((db: Kysely<Tables>, { appid, list }: FacesOf) =>
  db
    .insertInto('sightings')
    .columns(['appid', 'face_id', 'day'])
    .expression((eb) =>
      eb
        .selectFrom('faces')
        .select(['appid', 'face_id', dialectOf(db).today.as('day')])
        .where('appid', '=', appid)
        .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['appid', 'face_id'])
        .doUpdateSet({ day: sql<number>`excluded.day` })
        .where('sightings.day', '<', sql<number>`excluded.day`),
    ),
);

/** Deletes what was noted of faces that are erased, in the transaction that erases them. */
export const forgetSightings = prepareWrite((db: Kysely<Tables>, { appid, list }: FacesOf) =>
  db
    .deleteFrom('sightings')
    .where('appid', '=', appid)
    .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);
