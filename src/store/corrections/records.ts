/**
 * Keeps what is needed to undo corrections, encrypted, for a day. Whom a record tells of is found by digests of their ids, so
 * that erasing one of them drops it: an erasure cannot be undone.
 */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { digestOf } from '../audit/hash.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { decrypt, encrypt } from '../encryption/cipher.ts';
import { wrappedKeyOf } from '../encryption/data-keys.ts';
import { prepareWrite } from '../prepared.ts';
import type { DecryptingScope, OpeningScope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import type { Subjects, Undo } from './correction.ts';

/** How long a correction can be undone, in milliseconds: a day. */
export const undoableMs = 24 * 60 * 60 * 1_000;

/** A correction that can be undone. */
export interface CorrectionRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly undo: Undo;
}

/** Writes a record, in the transaction of its correction; those that are too old go. */
export async function keepRecord(
  { db, appid }: DecryptingScope,
  key: KeyObject,
  { id, madeAt, undo }: CorrectionRecord,
  { persons, faces }: Subjects,
): Promise<void> {
  await forgetOld(db, madeAt, appid);
  const encrypted_undo = encrypt(key, Buffer.from(JSON.stringify(undo)), ['corrections', id]);
  await db.insertInto('corrections').values({ appid, id, made_at: madeAt, encrypted_undo }).execute();
  const digests = [
    ...persons.map((person) => digestOf(key, 'persons', person)),
    ...faces.map((face) => digestOf(key, 'faces', face)),
  ];
  for (const digest of new Set(digests)) {
    await db.insertInto('correction_subjects').values({ appid, digest, id }).execute();
  }
}

/** Has what tells of a person go with another one, too, who has everything of it from now on. */
export async function tellOfOther({ db, appid, dataKeys }: DecryptingScope, from: string, to: string): Promise<void> {
  const key = await dataKeys.ensure(db, appid);
  const digest = digestOf(key, 'persons', to);
  const records = await db
    .selectFrom('correction_subjects')
    .select('id')
    .where('appid', '=', appid)
    .where('digest', '=', digestOf(key, 'persons', from))
    .execute();
  for (const { id } of records) {
    await db
      .insertInto('correction_subjects')
      .values({ appid, digest, id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** The records of an appid that are young enough, the newest first; the one that is named if one is. */
export async function findRecords(
  { db, appid, dataKeys }: OpeningScope,
  now: number,
  id?: string,
): Promise<readonly CorrectionRecord[]> {
  const rows = await db
    .selectFrom('corrections')
    .select(['id', 'made_at', 'encrypted_undo', wrappedKeyOf(appid).as('wrapped')])
    .where('appid', '=', appid)
    .where('made_at', '>', now - undoableMs)
    .$if(id !== undefined, (query) => query.where('id', '=', id!))
    .orderBy('made_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => {
    const plain = decrypt(dataKeys.open(appid, row.wrapped), row.encrypted_undo, ['corrections', row.id]);
    return { id: row.id, madeAt: row.made_at, undo: JSON.parse(Buffer.from(plain).toString()) as Undo };
  });
}

/** Deletes a record. */
export async function forgetRecord({ db, appid }: DecryptingScope, id: string): Promise<void> {
  await db.deleteFrom('corrections').where('appid', '=', appid).where('id', '=', id).execute();
}

/** Deletes the records that are too old to be undone, of one appid or of all. */
export async function forgetOld(db: Kysely<Tables>, now: number, appid?: string): Promise<void> {
  await db
    .deleteFrom('corrections')
    .where('made_at', '<=', now - undoableMs)
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid!))
    .execute();
}

/** The digests of persons and faces that were erased, as a JSON list. */
interface Erased {
  readonly appid: string;
  readonly list: string;
}

/** Deletes what tells of persons and faces that were erased, in the transaction that erases them. */
export async function forgetErased(db: Kysely<Tables>, erased: Erased): Promise<void> {
  await Promise.all([deleteRecords(db, erased), deletePairsOfOne(db, erased), deletePairsOfOther(db, erased)]);
}

const deleteRecords = prepareWrite((db: Kysely<Tables>, { appid, list }: Erased) =>
  db
    .deleteFrom('corrections')
    .where('appid', '=', appid)
    .where(
      'id',
      'in',
      db
        .selectFrom('correction_subjects')
        .select('correction_subjects.id')
        .where('correction_subjects.appid', '=', appid)
        .where('digest', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
    ),
);

// One statement with `or` would read the whole table.
const deletePairsOfOne = prepareWrite((db: Kysely<Tables>, { appid, list }: Erased) =>
  db
    .deleteFrom('forbidden_pairs')
    .where('appid', '=', appid)
    .where('one', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);
const deletePairsOfOther = prepareWrite((db: Kysely<Tables>, { appid, list }: Erased) =>
  db
    .deleteFrom('forbidden_pairs')
    .where('appid', '=', appid)
    .where('other', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);
