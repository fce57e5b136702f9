/**
 * Writes the lines of the audit that belong to a change, in the transaction that makes it: a change without its line, or a
 * line without its change, cannot be. Each appid has a chain of its own, so that appids do not wait for each other; who
 * writes to it has the appid's lock (`lockRegistry`), or for the installation's own the lock of keys.
 */
import { type Kysely, sql } from 'kysely';
import type { Act } from '../../domain/stores.ts';
import { forgetProposals } from '../check/proposals.ts';
import { forgetErased } from '../corrections/records.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant, text } from '../dialects/expressions.ts';
import { type DataKeys, wrappedKeyOf } from '../encryption/data-keys.ts';
import { prepare, prepareWrite } from '../prepared.ts';
import { forgetSightings } from '../retention/sightings.ts';
import type { AuditRow, Tables } from '../tables.ts';
import { currentAct } from './act.ts';
import { beforeFirst, type ChainEnd, columnsOf, digestLength, type LineHasher } from './hash.ts';
import type { Touched } from './touched.ts';

/** The appid of what concerns the whole installation. */
export const installation = '';
/** The chain of lines that are written with what they tell of. */
export const chainOfChanges = '';

/** What an operator's act is told by. */
export interface Deed {
  /** The command, as `keys add`; what {@link currentAct} says if absent. */
  readonly action?: string;
  /** What else there is to say: never a secret, a name or a tag. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** As in {@link AuditRow.code}. */
  readonly code?: number | null;
}

/** What a line says of when it was, what was touched and how it ended. */
type LineContent = Pick<AuditRow, 'at' | 'ids' | 'detail' | 'code'>;

/** Writes lines. */
export class AuditTrail {
  readonly #dataKeys: DataKeys;
  readonly #hasher: LineHasher;
  readonly #now: () => number;

  constructor(dataKeys: DataKeys, hasher: LineHasher, now: () => number) {
    this.#dataKeys = dataKeys;
    this.#hasher = hasher;
    this.#now = now;
  }

  /** Where the chain of an appid ends; asked for when the transaction has the lock, so that it need not be waited for later. */
  async end(db: Kysely<Tables>, appid: string): Promise<ChainEnd> {
    const [row] = await endQuery(db, { appid });
    const { sequence, hash, wrapped } = row!;
    return { sequence: sequence ?? 0, hash: hash ?? beforeFirst, wrapped };
  }

  /**
   * Writes the line of what a transaction touched, and keeps or erases the ids that its digests stand for.
   * @returns when all of it was given to the database; `written` settles when that has answered.
   */
  async record(
    db: Kysely<Tables>,
    appid: string,
    end: ChainEnd,
    touched: Touched,
    act: Act = currentAct(),
  ): Promise<{ readonly written: Promise<unknown> }> {
    const key = await this.#keyFor(db, appid, end, touched);
    const at = this.#now();
    if (key === undefined) {
      const detail = JSON.stringify(touched.counts());
      return { written: this.#insert(db, appid, end, act, { at, ids: '', detail, code: 0 }) };
    }
    const { ids, persons, kept, gone: unregistered, erased, erasedFaces, left } = touched.digests(key);
    const ended = left.size === 0 ? [] : await endedGroups(db, appid, left);
    const gone = [...unregistered, ...ended];
    // None waits for what another one says.
    const written = Promise.all([
      this.#insert(db, appid, end, act, { at, ids, detail: '', code: 0 }),
      persons.length > 0 && insertPersons(db, { appid, list: JSON.stringify(persons), sequence: end.sequence + 1, at }),
      kept.length > 0 && insertIds(db, { appid, list: JSON.stringify(kept) }),
      gone.length > 0 && deleteIds(db, { appid, list: JSON.stringify(gone) }),
      erased.length > 0 && forgetErased(db, { appid, list: JSON.stringify(erased) }),
      unregistered.length > 0 && forgetProposals(db, { appid, list: JSON.stringify(unregistered) }),
      erasedFaces.length > 0 && forgetSightings(db, { appid, list: JSON.stringify(erasedFaces) }),
    ]);
    // In an object, since a promise of a promise would settle with it.
    return { written };
  }

  /** Writes the line of an act that touches no ids. The transaction has the lock of the chain. */
  async note(db: Kysely<Tables>, appid: string, { action, detail, code = 0 }: Deed): Promise<void> {
    const act = currentAct();
    const content = { at: this.#now(), ids: '', detail: detail === undefined ? '' : JSON.stringify(detail), code };
    await this.#insert(db, appid, await this.end(db, appid), { ...act, action: action ?? act.action }, content);
  }

  /** The same in a transaction that has no lock yet. */
  async noteAlone(trx: Kysely<Tables>, appid: string, deed: Deed): Promise<void> {
    const { lockKeys, lockRegistry } = dialectOf(trx);
    await (appid === installation ? lockKeys(trx) : lockRegistry?.(trx, appid));
    await this.note(trx, appid, deed);
  }

  async #insert(
    db: Kysely<Tables>,
    appid: string,
    end: ChainEnd,
    { kind, actor, action, requestId }: Act,
    content: LineContent,
  ): Promise<void> {
    const line = {
      appid,
      chain: chainOfChanges,
      sequence: end.sequence + 1,
      kind,
      actor,
      action,
      ...content,
      request_id: requestId,
    };
    await insertLine(db, { ...line, hash: this.#hasher.hash(line, end.hash) });
  }

  /** Undefined for an appid that is being ended: its key is destroyed, and no other one may take its place. */
  async #keyFor(db: Kysely<Tables>, appid: string, { wrapped }: ChainEnd, touched: Touched) {
    if (wrapped !== null) return this.#dataKeys.open(appid, wrapped);
    return touched.isErasure ? undefined : this.#dataKeys.ensure(db, appid);
  }
}

/** One row, be there a line or none. */
const endQuery = prepare((db: Kysely<Tables>, { appid }: { readonly appid: string }) =>
  db.selectNoFrom((eb) => {
    const last = eb
      .selectFrom('audit')
      .where('appid', '=', appid)
      .where('chain', '=', chainOfChanges)
      .orderBy('sequence', 'desc')
      .limit(constant(1));
    return [
      last.select('sequence').$asScalar().as('sequence'),
      last.select('hash').$asScalar().as('hash'),
      wrappedKeyOf(appid).as('wrapped'),
    ];
  }),
);

const insertLine = prepareWrite((db: Kysely<Tables>, row: AuditRow) => db.insertInto('audit').values(columnsOf(row)));

/** Ids of an appid's, or their digests, as a JSON list. */
interface IdsOf {
  readonly appid: string;
  readonly list: string;
}

/** Each element is a digest and the encrypted id after it. */
const insertIds = prepareWrite((db: Kysely<Tables>, { appid, list }: IdsOf) =>
  db
    .insertInto('audit_ids')
    .columns(['appid', 'digest', 'encrypted_id'])
    .expression((eb) =>
      eb
        .selectFrom(dialectOf(db).asked(list))
        .select([
          text(appid).as('appid'),
          sql<string>`substr(value, 1, ${constant(digestLength)})`.as('digest'),
          sql<string>`substr(value, ${constant(digestLength + 1)})`.as('encrypted_id'),
        ])
        // SQLite takes what follows a select without a condition for a part of its join.
        .where(constant(1), '=', constant(1)),
    )
    .onConflict((conflict) => conflict.doNothing()),
);

/** Notes that a line tells of persons, by which their history is found. */
const insertPersons = prepareWrite(
  (db: Kysely<Tables>, { appid, list, sequence, at }: IdsOf & Pick<AuditRow, 'sequence' | 'at'>) =>
    db
      .insertInto('audit_persons')
      .columns(['appid', 'digest', 'sequence', 'at'])
      .expression((eb) =>
        eb
          .selectFrom(dialectOf(db).asked(list))
          .select([
            text(appid).as('appid'),
            'value as digest',
            sql<number>`cast(${sequence} as bigint)`.as('sequence'),
            sql<number>`cast(${at} as bigint)`.as('at'),
          ])
          .where(constant(1), '=', constant(1)),
      )
      // A line may have been taken out by somebody, and another one has its place.
      .onConflict((conflict) => conflict.doNothing()),
);

const deleteIds = prepareWrite((db: Kysely<Tables>, { appid, list }: IdsOf) =>
  db
    .deleteFrom('audit_ids')
    .where('appid', '=', appid)
    .where('digest', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);

/** The digests of those of the groups that are there no more. */
async function endedGroups(
  db: Kysely<Tables>,
  appid: string,
  left: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const rows = await groupsThere(db, { appid, list: JSON.stringify([...left.keys()]) });
  const there = new Set(rows.map(({ group_id }) => group_id));
  return [...left].flatMap(([id, digest]) => (there.has(id) ? [] : [digest]));
}

const groupsThere = prepare((db: Kysely<Tables>, { appid, list }: IdsOf) =>
  db
    .selectFrom('groups')
    .select('group_id')
    .where('appid', '=', appid)
    .where('group_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
);
