/**
 * Counts what an appid keeps, in the transactions that change it, and refuses what goes beyond the limits that are set for the
 * appid. The counts are kept, since to count the rows would take longer the more there are.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Growth, Limits } from '../domain/stores.ts';
import { Refusal } from '../errors/refusals.ts';
import { dialectOf } from './dialects/dialect.ts';
import { prepare } from './prepared.ts';
import type { Tables } from './tables.ts';

/** What is counted, and the limit of each. */
const limitOf = { persons: 'personsMax', faces: 'facesMax', bytes: 'bytesMax' } as const satisfies Record<
  keyof Growth,
  keyof Limits
>;
const counted = Object.keys(limitOf) as (keyof Growth)[];

/** How long who has met a limit is told to wait, in seconds: an hour. Only deletions or the operator make room. */
const retryAfterSeconds = 3_600;

/** What a transaction adds to the counts of an appid, and takes from them. */
export class GrowthOfTransaction implements Growth {
  persons = 0;
  faces = 0;
  bytes = 0;
  /** Those that were named last; none if no change named any. */
  limits: Limits | undefined;

  add({ persons = 0, faces = 0, bytes = 0 }: Partial<Growth>, limits = this.limits): void {
    this.persons += persons;
    this.faces += faces;
    this.bytes += bytes;
    this.limits = limits;
  }

  /** Whether there are limits that it may go beyond. */
  get isLimited(): boolean {
    return counted.some((name) => this.limits?.[limitOf[name]] !== undefined);
  }

  get isNone(): boolean {
    return this.persons === 0 && this.faces === 0 && this.bytes === 0;
  }
}

/** Parameters of the statement that adds. */
interface Addition extends Growth {
  readonly appid: string;
  readonly changes: number;
  readonly personsMax: number;
  readonly facesMax: number;
  readonly bytesMax: number;
}

/**
 * Adds to the counts of an appid, and to the number of its changes, whose row keeps writers of one appid in order.
 * @param changes how many changes the feed is told of.
 * @returns how many there have been then.
 * @throws Refusal `tooManyRequests` that says which limit is in the way; what shrinks is never refused.
 */
export async function grow(
  db: Kysely<Tables>,
  appid: string,
  growth: GrowthOfTransaction,
  changes = 0,
): Promise<number> {
  const { persons, faces, bytes, limits = {} } = growth;
  const most = (name: keyof Growth): number => (limits as Partial<Limits>)[limitOf[name]] ?? Number.MAX_SAFE_INTEGER;
  // Of an appid that has nothing yet there is no row that the statement would compare with.
  const addition = {
    appid,
    changes,
    persons,
    faces,
    bytes,
    personsMax: most('persons'),
    facesMax: most('faces'),
    bytesMax: most('bytes'),
  };
  const tooMuch = counted.find((name) => growth[name] > most(name));
  if (tooMuch !== undefined) throw refusalOf(tooMuch, most(tooMuch));
  const [row] = await addQuery(db, addition);
  if (row !== undefined) return row.changes;
  await refuseIfFull(db, appid, growth, limits as Limits);
  throw new Error('the counts of an appid were changed while they were written');
}

const addQuery = prepare((db: Kysely<Tables>, of: Addition) => {
  const sum = (name: keyof Growth | 'changes') =>
    sql<number>`${sql.ref(`registries.${name}`)} + ${sql.ref(`excluded.${name}`)}`;
  const fits = (name: keyof Growth, most: number) =>
    sql<boolean>`(${sql.ref(`excluded.${name}`)} <= 0 or ${sum(name)} <= ${most})`;
  return db
    .insertInto('registries')
    .values({
      appid: of.appid,
      groups: 0,
      changes: of.changes,
      forgotten: 0,
      persons: of.persons,
      faces: of.faces,
      bytes: of.bytes,
    })
    .onConflict((conflict) =>
      conflict
        .column('appid')
        .doUpdateSet({
          changes: sum('changes'),
          persons: sum('persons'),
          faces: sum('faces'),
          bytes: sum('bytes'),
        })
        .where(fits('persons', of.personsMax))
        .where(fits('faces', of.facesMax))
        .where(fits('bytes', of.bytesMax)),
    )
    .returning('registries.changes');
});

/**
 * Passes if an appid may grow by so much.
 * @throws Refusal `tooManyRequests` that says which limit is in the way.
 */
export async function refuseIfFull(
  db: Kysely<Tables>,
  appid: string,
  growth: Partial<Growth>,
  limits: Limits,
): Promise<void> {
  if (counted.every((name) => limits[limitOf[name]] === undefined)) return;
  const [kept = { persons: 0, faces: 0, bytes: 0 }] = await countsQuery(db, { appid });
  for (const name of counted) {
    const [more, most] = [growth[name] ?? 0, limits[limitOf[name]]];
    if (more > 0 && most !== undefined && kept[name] + more > most) throw refusalOf(name, most);
  }
}

const countsQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectFrom('registries').select(['persons', 'faces', 'bytes']).where('appid', '=', appid),
);

function refusalOf(name: keyof Growth, most: number): Refusal {
  return new Refusal('tooManyRequests', `${name} of the appid: ${most} at most`, { retryAfterSeconds });
}

/** The bytes of the embeddings and crops of faces. */
export async function bytesOf(db: Kysely<Tables>, appid: string, faceIds: readonly string[]): Promise<number> {
  if (faceIds.length === 0) return 0;
  const [row] = await bytesQuery(db, { appid, list: JSON.stringify(faceIds) });
  return row!.bytes;
}

const bytesQuery = prepare((db: Kysely<Tables>, of: { readonly appid: string; readonly list: string }) => {
  const sumIn = (table: 'embeddings' | 'crops', column: string) =>
    db
      .selectFrom(table)
      .select(sql<number>`coalesce(sum(octet_length(${sql.ref(column)})), 0)`.as('bytes'))
      .where('appid', '=', of.appid)
      .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(of.list)).select('value'));
  return db.selectNoFrom(
    sql<number>`cast((${sumIn('embeddings', 'embedding')}) + (${sumIn('crops', 'crop')}) as bigint)`.as('bytes'),
  );
});

/** Counts anew what an appid keeps, or each of them: whatever was counted before, a limit then begins with what is there. */
export async function recount(db: Kysely<Tables>, appid?: string): Promise<void> {
  // Where one is named, each part names it, so that a register that is spread is asked on one machine.
  const own = appid === undefined ? sql.ref('registries.appid') : sql`${appid}`;
  const rows = (table: string): RawBuilder<number> =>
    sql`(select count(*) from ${sql.table(table)} as counted where counted.appid = ${own})`;
  const sizes = (table: string, column: string): RawBuilder<number> =>
    sql`(select coalesce(sum(octet_length(${sql.ref(column)})), 0) from ${sql.table(table)} as counted where counted.appid = ${own})`;
  await db
    .updateTable('registries')
    .set({
      persons: rows('persons'),
      faces: rows('faces'),
      bytes: sql<number>`${sizes('embeddings', 'embedding')} + ${sizes('crops', 'crop')}`,
    })
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid as string))
    .execute();
}
