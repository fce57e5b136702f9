/** Runs the suites over SQLite but that of the registry. */
import { countedWritesSuite } from './counted-writes.suite.ts';
import { feedSuite } from './feed.suite.ts';
import { forgettingSuite } from './forgetting.suite.ts';
import { keysAndUsageSuite } from './keys-and-usage.suite.ts';
import { sqliteHome } from './sqlite-home.ts';
import { transactionsSuite } from './transactions.suite.ts';

transactionsSuite('SQLite', sqliteHome);
keysAndUsageSuite('SQLite', sqliteHome);
countedWritesSuite('SQLite', sqliteHome);
feedSuite('SQLite', sqliteHome);
forgettingSuite('SQLite', sqliteHome);
