/** Runs the suites over PostgreSQL but that of the registry. A statement takes longer there, so fewer sequences are tried. */
import { archiveSuite } from '../store/archive.suite.ts';
import { contentsSuite } from '../store/contents.suite.ts';
import { countedWritesSuite } from '../store/counted-writes.suite.ts';
import { feedSuite } from '../store/feed.suite.ts';
import { forgettingSuite } from '../store/forgetting.suite.ts';
import { keysAndUsageSuite } from '../store/keys-and-usage.suite.ts';
import { operatorsSuite } from '../store/operators.suite.ts';
import { pagesSuite } from '../store/pages.suite.ts';
import { searchSuite } from '../store/search.suite.ts';
import { statementsSuite } from '../store/statements.suite.ts';
import { tenantsSuite } from '../store/tenants.suite.ts';
import { transactionsSuite } from '../store/transactions.suite.ts';
import { usageSuite } from '../store/usage.suite.ts';
import { postgresHome } from './home.ts';

transactionsSuite('PostgreSQL', postgresHome);
keysAndUsageSuite('PostgreSQL', postgresHome, 600);
countedWritesSuite('PostgreSQL', postgresHome);
usageSuite('PostgreSQL', postgresHome, async ({ ask }, _, text) =>
  (await ask(text)).map((row) => ({ ...row, ...('rows' in row && { rows: Number(row.rows) }) })),
);
operatorsSuite('PostgreSQL', postgresHome);
pagesSuite('PostgreSQL', postgresHome);
statementsSuite('PostgreSQL', postgresHome);
tenantsSuite('PostgreSQL', postgresHome, 600);
archiveSuite('PostgreSQL', postgresHome);
contentsSuite('PostgreSQL', postgresHome);
feedSuite('PostgreSQL', postgresHome, 20);
forgettingSuite('PostgreSQL', postgresHome);
searchSuite('PostgreSQL', postgresHome);
