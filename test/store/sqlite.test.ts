/** Runs the suites over SQLite. */
import { feedSuite } from './feed.suite.ts';
import { forgettingSuite } from './forgetting.suite.ts';
import { keysAndUsageSuite } from './keys-and-usage.suite.ts';
import { registrySuite } from './registry.suite.ts';
import { sqliteHome } from './sqlite-home.ts';
import { transactionsSuite } from './transactions.suite.ts';

registrySuite('SQLite', sqliteHome);
transactionsSuite('SQLite', sqliteHome);
keysAndUsageSuite('SQLite', sqliteHome);
feedSuite('SQLite', sqliteHome);
forgettingSuite('SQLite', sqliteHome);
