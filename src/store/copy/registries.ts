/** Copies the persons of every appid: once through all of them, and then whom the change feed names. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import type { ChangeRow, Tables } from '../tables.ts';
import { type Appid, reconcilePersons, type Touched } from './persons.ts';

/** Persons that are copied at once: some hundreds of faces. */
const personsAtOnce = 50;
/** Changes that are followed at once. */
const changesAtOnce = 200;

/** What is told while persons are copied. */
export interface CopyingEvents {
  /** Called with how many persons were gone through, and how many of them and their groups differed. */
  readonly onPersons: (count: number, differing: number) => void;
  /** Called now and then; awaited. */
  readonly onStep: () => Promise<void>;
}

/** Where the feed of an appid's registry stands. */
interface Head {
  readonly appid: string;
  readonly changes: number;
  readonly forgotten: number;
}

/** Where the feeds of all registries stand, by appid. */
export async function headsOf(db: Kysely<Tables>): Promise<readonly Head[]> {
  return db.selectFrom('registries').select(['appid', 'changes', 'forgotten']).orderBy('appid').execute();
}

/**
 * Copies the appid of a registry as far as it is not copied yet: its persons if they were not gone through, and then what changed.
 * If changes were forgotten before they were followed, its persons are gone through again.
 * @returns how many changes were followed.
 */
export async function copyAppid(sides: Appid, head: Head, events: CopyingEvents): Promise<number> {
  const { to, appid } = sides;
  const known = await to.selectFrom('copied_appids').selectAll().where('appid', '=', appid).executeTakeFirst();
  const isLost = known !== undefined && (known.position < head.forgotten || known.position > head.changes);
  const progress = known === undefined || isLost ? { position: head.changes, after: '', is_whole: 0 } : known;
  if (progress.is_whole === 0) await goThrough(sides, progress, events);
  return followChanges(sides, progress.position, events);
}

/**
 * Goes through all persons of an appid and copies those that differ.
 * @param from where the feed stood before that began, and the person after whom it goes on.
 */
export async function goThrough(
  sides: Appid,
  from: { readonly position: number; readonly after: string },
  { onPersons, onStep }: CopyingEvents,
): Promise<void> {
  const { position } = from;
  for (let after: string | undefined = from.after; after !== undefined; ) {
    const ours: readonly string[] = await personsAfter(sides.from, sides.appid, after);
    const theirs: readonly string[] = await personsAfter(sides.to, sides.appid, after);
    // Up to the first end of a list that may go on: what is beyond it comes with the next.
    const ends: string[] = [ours, theirs].flatMap((ids) => (ids.length < personsAtOnce ? [] : [ids.at(-1)!]));
    const end: string | undefined = ends.sort(byBytes)[0];
    const ids = [...new Set([...ours, ...theirs])].filter((id) => end === undefined || byBytes(id, end) <= 0);
    const progress = { position, after: end ?? '', is_whole: end === undefined ? 1 : 0 };
    const note = (trx: Kysely<Tables>) => noteProgress(trx, sides.appid, progress);
    onPersons(ours.length, await reconcilePersons(sides, { personIds: ids, groupIds: [] }, note));
    await onStep();
    after = end;
  }
}

/** @returns how many changes there were. */
async function followChanges(sides: Appid, from: number, events: CopyingEvents): Promise<number> {
  let followed = 0;
  for (let position = from; ; ) {
    const rows = await changesAfter(sides.from, sides.appid, position);
    const last = rows.at(-1);
    if (last === undefined) return followed;
    position = last.sequence;
    followed += rows.length;
    const progress = { position, after: '', is_whole: 1 };
    const note = (trx: Kysely<Tables>) => noteProgress(trx, sides.appid, progress);
    events.onPersons(0, await reconcilePersons(sides, await touchedBy(sides, rows), note));
    await events.onStep();
  }
}

async function touchedBy({ from, to, appid }: Appid, changes: readonly ChangeRow[]): Promise<Touched> {
  const personIds = new Set(changes.flatMap(({ person_id: id }) => (id === '' ? [] : [id])));
  const groupIds = new Set(
    changes.flatMap(({ group_ids: ids }) => (ids === '' ? [] : (JSON.parse(ids) as readonly string[]))),
  );
  const faceIds = JSON.stringify(changes.flatMap((change) => (change.kind === 'removeFace' ? [change.face_id] : [])));
  // Whose a deleted face was, the feed does not say.
  for (const db of [from, to]) {
    const owners = await db
      .selectFrom('faces')
      .select('person_id')
      .where('appid', '=', appid)
      .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(faceIds)).select('value'))
      .execute();
    for (const { person_id: id } of owners) personIds.add(id);
  }
  return { personIds: [...personIds], groupIds: [...groupIds] };
}

async function changesAfter(db: Kysely<Tables>, appid: string, position: number): Promise<readonly ChangeRow[]> {
  return db
    .selectFrom('changes')
    .selectAll()
    .where('appid', '=', appid)
    .where('sequence', '>', position)
    .orderBy('sequence')
    .limit(sql.lit(changesAtOnce))
    .execute();
}

async function personsAfter(db: Kysely<Tables>, appid: string, after: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('persons')
    .select('person_id')
    .where('appid', '=', appid)
    .where('person_id', '>', after)
    .orderBy('person_id')
    .limit(sql.lit(personsAtOnce))
    .execute();
  return rows.map(({ person_id: id }) => id);
}

async function noteProgress(
  trx: Kysely<Tables>,
  appid: string,
  progress: { readonly position: number; readonly after: string; readonly is_whole: number },
): Promise<void> {
  await trx
    .insertInto('copied_appids')
    .values({ appid, ...progress })
    .onConflict((conflict) => conflict.column('appid').doUpdateSet(progress))
    .execute();
}

/** As both databases order texts. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
