/** Runs the suites over SQLite but that of the registry. */
import { DatabaseSync } from 'node:sqlite';
import { callsFileOf } from '../../src/store/dialects/sqlite/database.ts';
import { archiveSuite } from './archive.suite.ts';
import { contentsSuite } from './contents.suite.ts';
import { countedWritesSuite } from './counted-writes.suite.ts';
import { feedSuite } from './feed.suite.ts';
import { forgettingSuite } from './forgetting.suite.ts';
import { keysAndUsageSuite } from './keys-and-usage.suite.ts';
import { operatorsSuite } from './operators.suite.ts';
import { pagesSuite } from './pages.suite.ts';
import { searchSuite } from './search.suite.ts';
import { sqliteHome } from './sqlite-home.ts';
import { statementsSuite } from './statements.suite.ts';
import { tenantsSuite } from './tenants.suite.ts';
import { transactionsSuite } from './transactions.suite.ts';
import { usageSuite } from './usage.suite.ts';

transactionsSuite('SQLite', sqliteHome);
keysAndUsageSuite('SQLite', sqliteHome);
tenantsSuite('SQLite', sqliteHome);
archiveSuite('SQLite', sqliteHome);
contentsSuite('SQLite', sqliteHome);
countedWritesSuite('SQLite', sqliteHome);
usageSuite('SQLite', sqliteHome, async ({ file }, of, text) => {
  using database = new DatabaseSync(of === 'calls' ? callsFileOf(file) : file);
  return database
    .prepare(text)
    .all()
    .map((row) => ({ ...row }));
});
operatorsSuite('SQLite', sqliteHome);
pagesSuite('SQLite', sqliteHome);
statementsSuite('SQLite', sqliteHome);
feedSuite('SQLite', sqliteHome);
forgettingSuite('SQLite', sqliteHome);
searchSuite('SQLite', sqliteHome);
