/** A SQLite database whose commits of what calls write a test holds up, or makes fail. */
import { Kysely, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Database } from '../../src/store/database.ts';
import { callsFileOf, openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { openWriter, WriterDriver } from '../../src/store/dialects/sqlite/writer.ts';
import type { CallTables } from '../../src/store/tables.ts';

/** Such a database. */
export interface HeldDatabase extends Database {
  /** Awaited before each commit; what it throws, the commit fails with. */
  beforeCommit: () => Promise<void>;
}

/** Opens such a database over a file; commits go through until a test replaces `beforeCommit`. */
export async function openHeld(file: string): Promise<HeldDatabase> {
  const options = { file, busyTimeoutMs: 5_000 };
  const opened = await openSqlite(options);
  const driver = new HeldDriver(await openWriter({ ...options, file: callsFileOf(file) }), () => held.beforeCommit());
  const writer = new Kysely<CallTables>({
    dialect: {
      createAdapter: () => opened.writer.getExecutor().adapter,
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const held: HeldDatabase = {
    reader: opened.reader,
    writer: opened.writer,
    writersMax: opened.writersMax,
    commit: opened.commit,
    version: opened.version,
    calls: {
      ...opened.calls,
      writer,
      async commit(queries) {
        await held.beforeCommit();
        await opened.calls.commit(queries);
      },
    },
    listMax: opened.listMax,
    node: opened.node,
    isDivided: opened.isDivided,
    pools: () => [],
    followers: opened.followers,
    refuseServers: opened.refuseServers,
    callRates: opened.callRates,
    renewUrl: opened.renewUrl,
    beside: opened.beside,
    forgetChanges: opened.forgetChanges,
    openBulk: opened.openBulk,
    source: opened.source,
    vectorSwitch: opened.vectorSwitch,
    check: opened.check,
    mayRetry: opened.mayRetry,
    beforeCommit: async () => {},
    async [Symbol.asyncDispose]() {
      await driver.destroy();
      await opened[Symbol.asyncDispose]();
    },
  };
  return held;
}

class HeldDriver extends WriterDriver {
  readonly #beforeCommit: () => Promise<void>;

  constructor(thread: ConstructorParameters<typeof WriterDriver>[0], beforeCommit: () => Promise<void>) {
    super(thread);
    this.#beforeCommit = beforeCommit;
  }

  override async commitTransaction(lease: Parameters<WriterDriver['commitTransaction']>[0]): Promise<void> {
    await this.#beforeCommit();
    await super.commitTransaction(lease);
  }
}
