/** Opens SQLite files for Kysely: one writer and several readers each. */
import { existsSync } from 'node:fs';
import { format, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Dialect,
  type Driver,
  Kysely,
  type KyselyConfig,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Database, Handles } from '../../database.ts';
import { forgetEveryChange } from '../../feed/prune.ts';
import type { CallTables, Tables } from '../../tables.ts';
import type { AdapterWithDialect } from '../dialect.ts';
import { BulkDriver } from './bulk.ts';
import { sqlite } from './dialect.ts';
import { KeyChanges } from './key-changes.ts';
import { diskFull, type WriterOptions } from './messages.ts';
import { FilePlace } from './place.ts';
import { ReadExecutor, ReaderDriver, readTimeoutMs } from './reader.ts';
import type { DatabaseThread } from './thread.ts';
import { openWriter, statementOf, WriteExecutor, WriterDriver } from './writer.ts';

/** How to open a SQLite database. */
export interface SqliteOptions extends WriterOptions {
  /** Called with every query. */
  readonly log?: KyselyConfig['log'];
}

/** The longest list that is read on the main thread: it takes a fraction of a millisecond. */
const listMax = 1_000;
/** Room for what calls write while the disk is full, in bytes: 2 MiB. */
const callsReserveBytes = 2 * 2 ** 20;

/**
 * Opens the file, or makes it, and the one beside it for what calls write, readable by their owner only. Their folder
 * must be there.
 * @throws what SQLite says if a file cannot be opened or is no database.
 */
export async function openSqlite({ log, ...options }: SqliteOptions): Promise<Database> {
  await using opening = new AsyncDisposableStack();
  const { file } = options;
  const threads: DatabaseThread[] = [];
  // A disk that one file finds full is full for both: neither takes what the other gives up.
  const onDiskFull = (): void => {
    for (const thread of threads) thread.perform({ kind: 'setFull' }).catch(() => {});
  };
  const openPart = async <T>(part: WriterOptions): Promise<Handles<T>> => {
    const thread = await openWriter(part);
    threads.push(thread);
    return opening.use(handlesOf<T>(thread, part.file, log, onDiskFull));
  };
  const registries = await openPart<Tables>({ ...options, whenAlone: forgetEveryChange });
  // Counts go on while the disk is full: they overwrite, and this little is for what they do not.
  const reserveBytes = options.reserveBytes ? callsReserveBytes : 0;
  const ofCalls = { ...options, file: callsFileOf(file), truncatesLog: false, reserveBytes };
  const calls = await openPart<CallTables>(ofCalls);
  const place = new FilePlace(file);
  const readAside = () => new BulkDriver({ file, busyTimeoutMs: readTimeoutMs }, place);
  const driver = readAside();
  opening.defer(() => driver.close());
  const version = new KeyChanges(file);
  opening.defer(() => version.close());
  const open = opening.move();
  return {
    reader: registries.reader,
    writer: registries.writer,
    writersMax: registries.writersMax,
    commit: registries.commit,
    calls,
    version: () => version.read(),
    listMax,
    node: '',
    isDivided: false,
    pools: () => [],
    followers: undefined,
    refuseServers: undefined,
    callRates: undefined,
    renewUrl: undefined,
    source() {
      place.check();
      return { kind: 'sqlite', file };
    },
    vectorSwitch: () => undefined,
    beside: kysely<Tables>(driver, new OneConnection(), log),
    openBulk: () => kysely<Tables>(readAside(), new OneConnection(), log),
    mayRetry: registries.mayRetry,
    async forgetChanges() {
      await threads[0]!.perform({ kind: 'tidy' });
    },
    async check() {
      await registries.check();
      await calls.check();
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Opens a file that another thread has open, to read it in the calling thread. */
export function openSqliteReader(file: string): Kysely<Tables> {
  return kyselyOfReaders<Tables>(new ReaderDriver(file), undefined);
}

/** The file beside a database's that holds what calls write: `familiar-calls.db` for `familiar.db`. */
export function callsFileOf(file: string): string {
  const { dir, name, ext } = parse(file);
  return format({ dir, name: `${name}-calls`, ext });
}

/**
 * Opens a file to read it in the calling thread; nothing is created beside it. SQLite would make the files of the log,
 * unless the file is said never to change, which is so while it has no log: then nobody has it open.
 */
export function openSqliteToRead<T>(file: string): Kysely<T> {
  const location = existsSync(`${file}-wal`) ? file : `${pathToFileURL(file).href}?immutable=1`;
  return kyselyOfReaders<T>(new ReaderDriver(file, location), undefined);
}

/**
 * The handles of a file that a thread writes; they end the thread when they are disposed of.
 * @param onDiskFull called for each transaction that failed because the disk is full.
 */
export function handlesOf<T>(
  thread: DatabaseThread,
  file: string,
  log?: KyselyConfig['log'],
  onDiskFull: () => void = () => {},
): Handles<T> {
  const readers = new ReaderDriver(file);
  const writer = kyselyOfWriter<T>(new WriterDriver(thread), log);
  return {
    writer,
    writersMax: 1,
    reader: kyselyOfReaders<T>(readers, log),
    async commit(queries) {
      await writer.connection().execute(async () => {
        await thread.perform({ kind: 'commit', statements: queries.map(statementOf) });
      });
    },
    async check() {
      // An empty transaction writes nothing, and shows that one could.
      await writer.transaction().execute(async () => {});
      await thread.perform({ kind: 'checkSpace' });
    },
    mayRetry(error, attempt) {
      if (attempt > 1) return false;
      if ((error as { errcode?: number } | undefined)?.errcode !== diskFull) return false;
      onDiskFull();
      return true;
    },
    async [Symbol.asyncDispose]() {
      // The last connection to leave takes the log along, which one that only reads cannot.
      await readers.destroy();
      await thread.close();
    },
  };
}

function kysely<T>(driver: Driver, adapter: SqliteAdapter, log: KyselyConfig['log']): Kysely<T> {
  return new Kysely<T>({ dialect: dialectOf(driver, adapter), ...(log !== undefined && { log }) });
}

/** As {@link kyselyOfReaders}. */
function kyselyOfWriter<T>(driver: WriterDriver, log: KyselyConfig['log']): Kysely<T> {
  const adapter = new OneConnection(log === undefined);
  if (log !== undefined) return kysely<T>(driver, adapter, log);
  const dialect = dialectOf(driver, adapter);
  return new Kysely<T>({ config: { dialect }, dialect, driver, executor: new WriteExecutor(driver, adapter) });
}

/** Where every query is logged, each takes Kysely's own way, which does so. */
function kyselyOfReaders<T>(driver: ReaderDriver, log: KyselyConfig['log']): Kysely<T> {
  const adapter = new ManyConnections();
  if (log !== undefined) return kysely<T>(driver, adapter, log);
  const dialect = dialectOf(driver, adapter);
  return new Kysely<T>({ config: { dialect }, dialect, driver, executor: new ReadExecutor(driver, adapter) });
}

function dialectOf(driver: Driver, adapter: SqliteAdapter): Dialect {
  return {
    createAdapter: () => adapter,
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely's own adapter says no, but tables made in a SQLite transaction do go with it when it is rolled back. */
class OneConnection extends SqliteAdapter implements AdapterWithDialect {
  readonly dialect = sqlite;
  readonly sendsAtOnce: boolean;

  constructor(sendsAtOnce = false) {
    super();
    this.sendsAtOnce = sendsAtOnce;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ManyConnections extends SqliteAdapter implements AdapterWithDialect {
  readonly dialect = sqlite;

  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
