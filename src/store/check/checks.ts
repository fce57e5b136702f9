/** What stores offer of checks: the search of all persons against all, the runs, and what they propose. */
import { availableParallelism } from 'node:os';
import type { Kysely } from 'kysely';
import { orStorageFailed, type ReadInBulk } from '../access.ts';
import type { Database, Transactions } from '../database.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import { wrappedKeyOf } from '../encryption/data-keys.ts';
import type { Registry } from '../registry.ts';
import type { Tables } from '../tables.ts';
import { countUnknownQuality, facesBelow, type PoorFace, personsWithOneFace } from './faces.ts';
import type { Finding, FindingKind } from './finding.ts';
import { divide } from './people.ts';
import type { CheckCosines } from './person.ts';
import * as proposals from './proposals.ts';
import * as runs from './runs.ts';
import type { Scanned, ScanOrder } from './scan.ts';
import { scanAll } from './threads.ts';

/** How all persons are compared with all. */
export interface CheckScan {
  /** Only embeddings of this model are compared. */
  readonly model: string;
  readonly dimension: number;
  readonly cosines: CheckCosines;
  /** How many threads compare; one a core if absent. */
  readonly threads?: number | undefined;
  /** How many persons a thread takes at once; as many as are good for the number of threads if absent. */
  readonly share?: number | undefined;
  /** Told how many of how many comparisons are done, in persons. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Checks of registries. */
export interface Checks {
  /** Begins a run. @returns false if another one lives. */
  begin(appid: string, run: string): Promise<boolean>;
  /** Gives a sign of life. @returns false if another run has begun since, which took this one for lost. */
  tell(appid: string, run: string, done: number, total: number): Promise<boolean>;
  /** Ends a run: well, with what it counted, and what it has not found again is not proposed any more; or not. */
  end(appid: string, run: string, outcome: runs.CheckOutcome | undefined): Promise<void>;
  /** The last run. */
  find(appid: string): Promise<runs.CheckRun | undefined>;
  /** Compares all persons with all, beside everything else. @throws the signal's reason, among others. */
  scan(appid: string, scan: CheckScan): Promise<Scanned>;
  /** Faces of a quality below one, the worst first, and how many faces have none that is known. */
  poorFaces(appid: string, below: number): Promise<{ readonly faces: readonly PoorFace[]; readonly unknown: number }>;
  /** Proposes what was found. @returns how many are proposed: those that still hold, and were neither dismissed nor forbidden. */
  propose(appid: string, run: string, findings: readonly Finding[]): Promise<number>;
  /** Open proposals, the surest first. */
  list(
    appid: string,
    query: {
      readonly kind?: FindingKind | undefined;
      readonly after?: proposals.ProposalPlace | undefined;
      readonly count: number;
    },
  ): Promise<proposals.ProposalPage>;
  /** How many open proposals there are, by kind. */
  counts(appid: string): Promise<Readonly<Record<string, number>>>;
  findProposal(appid: string, id: string): Promise<Finding | undefined>;
  /** Has a proposal never be made again. @returns false if it is not open. */
  dismiss(appid: string, id: string): Promise<boolean>;
  /** Persons with one face, in the order of their ids, from after one of them on. */
  singles(appid: string, after: string, count: number): Promise<readonly string[]>;
}

/** What checks work with. */
export interface CheckParts {
  readonly database: Pick<Database, 'source' | 'reader'>;
  readonly transactions: Transactions;
  readonly dataKeys: DataKeys;
  readonly registryOf: (appid: string) => Registry;
  /** Reads beside what calls read. */
  readonly inBulk: ReadInBulk;
  readonly now: () => number;
}

/** The fewest persons of a share, since all behind it are read once for each. */
const shareLeast = 2_000;
/** Bytes of vectors that a thread holds at most, each as floats and their upper halves: of 192 numbers, those of 100,000 persons. */
const heldBytesMost = 115_200_000;
/** Of faces of low quality so many are proposed. */
const poorFacesMax = 10_000;

/** Opens checks. */
export function openChecks(parts: CheckParts): Checks {
  const { transactions, registryOf, inBulk, now } = parts;
  const write = <T>(appid: string, work: (db: Kysely<Tables>) => Promise<T>): Promise<T> =>
    orStorageFailed(transactions.run(work, appid));
  return {
    begin: (appid, run) => write(appid, (db) => runs.beginRun(db, appid, run, now())),
    tell: (appid, run, done, total) =>
      write(appid, (db) => runs.noteRun(db, appid, run, { seen_at: now(), done, total })),
    end: (appid, run, outcome) =>
      write(appid, async (db) => {
        const state = outcome === undefined ? 'failed' : 'done';
        const change = {
          state,
          seen_at: now(),
          outcome: outcome === undefined ? '' : JSON.stringify(outcome),
        } as const;
        const isLast = await runs.noteRun(db, appid, run, change);
        if (isLast && outcome !== undefined) await proposals.forgetOthers({ db, appid }, run);
      }),
    find: (appid) => registryOf(appid).look(({ db }) => runs.findRun(db, appid, now())),
    scan: (appid, scan) => scanRegistry(parts, appid, scan),
    poorFaces: (appid, below) =>
      inBulk(async (db) => ({
        faces: await facesBelow({ db, appid }, below, poorFacesMax),
        unknown: await countUnknownQuality({ db, appid }),
      })),
    propose: (appid, run, findings) => registryOf(appid).correct((scope) => proposals.propose(scope, run, findings)),
    list: (appid, query) => registryOf(appid).look((scope) => proposals.listProposals(scope, query)),
    counts: (appid) => registryOf(appid).look((scope) => proposals.countProposals(scope)),
    findProposal: (appid, id) => registryOf(appid).look((scope) => proposals.findProposal(scope, id)),
    dismiss: (appid, id) => registryOf(appid).correct((scope) => proposals.dismissProposal(scope, id)),
    singles: (appid, after, count) => inBulk((db) => personsWithOneFace({ db, appid }, after, count)),
  };
}

/** How many persons a thread takes at once: a million of them take it no more memory than it may have, however long vectors are. */
export function shareOf({ persons, threads, dimension }: Record<'persons' | 'threads' | 'dimension', number>): number {
  const most = Math.floor(heldBytesMost / (6 * dimension));
  // Shares at the end are compared with less than those at the beginning: more shares than threads even that out.
  const even = threads === 1 ? most : Math.ceil(persons / (4 * threads));
  return Math.min(most, Math.max(shareLeast, even));
}

async function scanRegistry(
  { database, dataKeys, inBulk }: CheckParts,
  appid: string,
  { model, dimension, cosines, threads = availableParallelism(), onProgress, signal, ...scan }: CheckScan,
): Promise<Scanned> {
  const { persons, wrapped } = await database.reader
    .selectNoFrom((eb) => [
      eb
        .selectFrom('persons')
        .select(eb.fn.countAll<number>().as('persons'))
        .where('appid', '=', appid)
        .$asScalar()
        .as('persons'),
      wrappedKeyOf(appid).as('wrapped'),
    ])
    .executeTakeFirstOrThrow();
  if (wrapped === null || persons === 0 || persons === null) {
    return { persons: 0, faces: 0, single: 0, matches: [], strays: [], alike: [], isCut: false };
  }
  const share = scan.share ?? shareOf({ persons, threads, dimension });
  const ends = await inBulk((db) => divide({ db, appid }, share));
  const orders: ScanOrder[] = [undefined, ...ends].map((after, i) => ({
    ...{ appid, model, dimension, cosines, wrapped, key: dataKeys.open(appid, wrapped) },
    ...{ after: after ?? '', upTo: ends[i] },
  }));
  const total = orders.reduce((sum, _, i) => sum + Math.max(0, persons - i * share), 0);
  let done = 0;
  const onPersons = (count: number): void => {
    done += count;
    onProgress(Math.min(done, total), total);
  };
  onProgress(0, total);
  return scanAll({ source: database.source(), orders, threads, onPersons, signal });
}
