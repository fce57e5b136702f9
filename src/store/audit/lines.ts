/** Reads the lines of the audit: both tables as one. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import type { AuditRow, CallTables, Tables } from '../tables.ts';
import type { IdKind } from './hash.ts';
import { chainOfChanges } from './trail.ts';

/** Both tables of lines: those that were written with changes, and those of calls that changed nothing. */
export type AuditTable = 'audit' | 'audit_of_calls';

/** The databases that the tables are in. */
export interface AuditHandles {
  readonly db: Kysely<Tables>;
  readonly calls: Kysely<CallTables>;
}

/** Which lines are asked for. */
export interface AuditFilter {
  readonly appid?: string | undefined;
  /** The SecretId, or the account of the operating system. */
  readonly actor?: string | undefined;
  /** The endpoint or the command. */
  readonly action?: string | undefined;
  /** The first moment, and the one after the last; milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Lines with any of these digests. */
  readonly digests?: readonly string[] | undefined;
}

/** A chain of lines. */
export interface ChainName {
  readonly table: AuditTable;
  readonly appid: string;
  readonly chain: string;
}

/** Lines that one statement reads. */
const rowsPerRead = 1_000;

/** The lines of a table, whichever database it is in. */
export function linesOf(handles: AuditHandles, table: AuditTable): Kysely<Record<AuditTable, AuditRow>> {
  return (table === 'audit' ? handles.db : handles.calls) as unknown as Kysely<Record<AuditTable, AuditRow>>;
}

/** The newest lines, the oldest of them first. */
export async function newestLines(
  handles: AuditHandles,
  filter: AuditFilter,
  linesMax: number,
): Promise<readonly AuditRow[]> {
  const { appid } = filter;
  const tables = (['audit', 'audit_of_calls'] as const).map((table) => {
    const lines = linesOf(handles, table);
    return appid === undefined
      ? filtered(lines, table, filter)
          .orderBy('at', 'desc')
          .orderBy('sequence', 'desc')
          .limit(constant(linesMax))
          .execute()
      : newestOfChains(lines, table, { ...filter, appid }, linesMax);
  });
  const rows = (await Promise.all(tables)).flat();
  rows.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
  return rows.slice(-linesMax);
}

/** The newest lines of each chain of an appid: the ends of an index, however many lines come before them. */
async function newestOfChains(
  db: Kysely<Record<AuditTable, AuditRow>>,
  table: AuditTable,
  filter: AuditFilter & { readonly appid: string },
  linesMax: number,
): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for (let chain: string | undefined; ; ) {
    const next = await db
      .selectFrom(table)
      .select('chain')
      .where('appid', '=', filter.appid)
      .$if(chain !== undefined, (query) => query.where('chain', '>', chain!))
      .orderBy('chain')
      .limit(constant(1))
      .executeTakeFirst();
    if (next === undefined) return rows;
    chain = next.chain;
    const some = await filtered(db, table, filter)
      .where('chain', '=', chain)
      .orderBy('sequence', 'desc')
      .limit(constant(linesMax))
      .execute();
    rows.push(...some);
  }
}

/** The lines of changes that tell of a person, the newest first. */
export async function linesOfPerson(
  db: Kysely<Tables>,
  { appid, digest, before }: { readonly appid: string; readonly digest: string; readonly before: number | undefined },
  linesMax: number,
): Promise<readonly AuditRow[]> {
  const of = db.selectFrom('audit_persons').where('audit_persons.appid', '=', appid).where('digest', '=', digest);
  return of
    .innerJoin('audit', (join) =>
      join.onRef('audit.appid', '=', 'audit_persons.appid').onRef('audit.sequence', '=', 'audit_persons.sequence'),
    )
    .selectAll('audit')
    .where('audit.chain', '=', chainOfChanges)
    .$if(before !== undefined, (query) => query.where('audit_persons.sequence', '<', before!))
    .orderBy('audit_persons.sequence', 'desc')
    .limit(constant(linesMax))
    .execute();
}

/** All lines, chain by chain and each chain in order. */
export async function* allLines(handles: AuditHandles, filter: AuditFilter): AsyncGenerator<readonly AuditRow[], void> {
  for await (const name of chainNames(handles)) {
    if (filter.appid === undefined || filter.appid === name.appid) yield* linesOfChain(handles, name, filter);
  }
}

/** Every chain, by table, appid and name. */
export async function* chainNames(handles: AuditHandles): AsyncGenerator<ChainName, void> {
  for (const table of ['audit', 'audit_of_calls'] as const) {
    // The appid '' is one of those that may be there: nothing comes before it but nothing.
    let after: { readonly appid: string; readonly chain: string } | undefined;
    do {
      after = await nextChain(linesOf(handles, table), table, after);
      if (after !== undefined) yield { table, ...after };
    } while (after !== undefined);
  }
}

/** The lines of one chain in order, some at a time. */
export async function* linesOfChain(
  handles: AuditHandles,
  { table, appid, chain }: ChainName,
  filter: AuditFilter = {},
): AsyncGenerator<readonly AuditRow[], void> {
  let after = 0;
  for (;;) {
    const rows = await filtered(linesOf(handles, table), table, { ...filter, appid })
      .where('chain', '=', chain)
      .where('sequence', '>', after)
      .orderBy('sequence')
      .limit(constant(rowsPerRead))
      .execute();
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerRead) return;
    after = rows.at(-1)!.sequence;
  }
}

/** The digests in a line's column, by kind. */
export function digestsOf(ids: string): Readonly<Partial<Record<IdKind, readonly string[]>>> {
  return ids === '' ? {} : JSON.parse(ids);
}

/** The ids that digests of an appid stand for, encrypted, by digest, as far as they are registered. */
export async function idsBehind(
  db: Kysely<Tables>,
  appid: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (digests.length === 0) return new Map();
  const rows = await db
    .selectFrom('audit_ids')
    .select(['digest', 'encrypted_id'])
    .where('appid', '=', appid)
    .where('digest', 'in', db.selectFrom(dialectOf(db).asked(JSON.stringify(digests))).select('value'))
    .execute();
  return new Map(rows.map(({ digest, encrypted_id }) => [digest, encrypted_id]));
}

/** The chain after another one, which takes a look at the index and no more, however long the chains are. */
async function nextChain(
  db: Kysely<Record<AuditTable, AuditRow>>,
  table: AuditTable,
  after: { readonly appid: string; readonly chain: string } | undefined,
) {
  return db
    .selectFrom(table)
    .select(['appid', 'chain'])
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => eb(refTuple('appid', 'chain'), '>', tuple(after!.appid, after!.chain))),
    )
    .orderBy('appid')
    .orderBy('chain')
    .limit(constant(1))
    .executeTakeFirst();
}

function filtered(db: Kysely<Record<AuditTable, AuditRow>>, table: AuditTable, filter: AuditFilter) {
  const { appid, actor, action, from, to, digests } = filter;
  return db
    .selectFrom(table)
    .selectAll()
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid!))
    .$if(actor !== undefined, (query) => query.where('actor', '=', actor!))
    .$if(action !== undefined, (query) => query.where('action', '=', action!))
    .$if(from !== undefined, (query) => query.where('at', '>=', from!))
    .$if(to !== undefined, (query) => query.where('at', '<', to!))
    .$if(digests !== undefined, (query) =>
      // Both databases have `replace`, and digests have characters that `like` takes for others.
      query.where(({ or }) => or(digests!.map((digest) => sql<boolean>`replace(ids, ${digest}, '') <> ids`))),
    );
}
