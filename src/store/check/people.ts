/** Reads the persons of a registry with their embeddings, some at a time and in the order of their ids. */
import { type EncryptedFaces, facesOfPersons, rowsOf } from '../contents.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { decryptBatch } from '../encryption/batch.ts';
import type { OpeningScope, Scope } from '../scope.ts';

/** Persons that are read at once: some megabytes of embeddings. */
export const personsAtOnce = 400;

/** A person whose faces a model has embedded. */
export interface EmbeddedPerson {
  readonly id: string;
  /** In the order in which they were enrolled. */
  readonly faceIds: readonly string[];
  /** Their embeddings, one after the other. */
  readonly rows: Float32Array;
}

/** Some persons, and the id of the last of all that were gone through. */
export interface PeopleBatch {
  readonly persons: readonly EmbeddedPerson[];
  readonly upTo: string;
}

/** Which persons are read: all behind an id; no batch goes beyond the second, but the next ones do. */
export interface PeopleRange {
  readonly after: string;
  readonly upTo: string | undefined;
}

/** Reads persons, batch by batch; each batch is of one moment. */
export async function* peopleAfter(
  scope: OpeningScope,
  { after, upTo }: PeopleRange,
  model: string,
  dimension: number,
): AsyncGenerator<PeopleBatch & { readonly isWithin: boolean }, void> {
  let place = after;
  let isWithin = true;
  for (;;) {
    const batch = await readBatch(scope, { after: place, upTo: isWithin ? upTo : undefined }, model, dimension);
    if (batch !== undefined) yield { ...batch, isWithin };
    else if (!isWithin || upTo === undefined) return;
    isWithin &&= batch !== undefined;
    place = batch?.upTo ?? upTo!;
  }
}

async function readBatch(
  scope: OpeningScope,
  range: PeopleRange,
  model: string,
  dimension: number,
): Promise<PeopleBatch | undefined> {
  return scope.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (db) => {
      await dialectOf(db).preferIndexes?.(db);
      const upTo = await personIdBehind({ ...scope, db }, range, personsAtOnce);
      if (upTo === undefined) return undefined;
      const faces = await facesOfPersons({ ...scope, db }, { after: range.after, upTo }, model);
      return { persons: faces === undefined ? [] : personsOf(faces, dimension), upTo };
    });
}

/** The id of the person that is so many behind an id, or of the last one in the range; undefined if there is none. */
async function personIdBehind(
  { db, appid }: Scope,
  { after, upTo }: PeopleRange,
  count: number,
): Promise<string | undefined> {
  const some = db
    .selectFrom('persons')
    .select('person_id')
    .where('appid', '=', appid)
    .where('person_id', '>', after)
    .$if(upTo !== undefined, (query) => query.where('person_id', '<=', upTo!))
    .orderBy('person_id')
    .limit(constant(count));
  const { last } = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.max<string | null>('person_id').as('last'))
    .executeTakeFirstOrThrow();
  return last ?? undefined;
}

/**
 * Ids that divide the persons into shares of so many; the last share may be smaller.
 * @returns the last id of each share but the last.
 */
export async function divide(scope: Scope, share: number): Promise<readonly string[]> {
  const ends: string[] = [];
  for (let after = ''; ; ) {
    const end = await personIdBehind(scope, { after, upTo: undefined }, share);
    if (end === undefined) break;
    ends.push(end);
    after = end;
  }
  return ends.slice(0, -1);
}

/** Faces that follow each other, by person. */
function personsOf(faces: EncryptedFaces, dimension: number): readonly EmbeddedPerson[] {
  const rows = rowsOf(faces.batch, decryptBatch(faces.batch), dimension);
  const owners = JSON.parse(faces.personIds) as readonly string[];
  const persons: EmbeddedPerson[] = [];
  for (let from = 0; from < owners.length; ) {
    let to = from + 1;
    while (to < owners.length && owners[to] === owners[from]) to += 1;
    persons.push({
      id: owners[from]!,
      faceIds: faces.faceIds.slice(from, to),
      rows: rows.subarray(from * dimension, to * dimension),
    });
    from = to;
  }
  return persons;
}
