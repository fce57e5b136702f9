/** Runs the suites of the stores over tables that are divided among machines. */
import { contentsSuite } from '../store/contents.suite.ts';
import { feedSuite } from '../store/feed.suite.ts';
import { forgettingSuite } from '../store/forgetting.suite.ts';
import { keysAndUsageSuite } from '../store/keys-and-usage.suite.ts';
import { searchSuite } from '../store/search.suite.ts';
import { tenantsSuite } from '../store/tenants.suite.ts';
import { transactionsSuite } from '../store/transactions.suite.ts';
import { overCluster } from './home.ts';

overCluster('suites', (home) => {
  transactionsSuite('Citus', home);
  keysAndUsageSuite('Citus', home, 600);
  tenantsSuite('Citus', home, 600);
  contentsSuite('Citus', home);
  feedSuite('Citus', home, 4);
  forgettingSuite('Citus', home);
  searchSuite('Citus', home);
});
