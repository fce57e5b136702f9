/** Runs the suites over PostgreSQL but that of the registry. A statement takes longer there, so fewer sequences are tried. */
import { feedSuite } from './feed.suite.ts';
import { forgettingSuite } from './forgetting.suite.ts';
import { keysAndUsageSuite } from './keys-and-usage.suite.ts';
import { postgresHome } from './postgres-home.ts';
import { transactionsSuite } from './transactions.suite.ts';

transactionsSuite('PostgreSQL', postgresHome);
keysAndUsageSuite('PostgreSQL', postgresHome, 600);
feedSuite('PostgreSQL', postgresHome, 20);
forgettingSuite('PostgreSQL', postgresHome);
