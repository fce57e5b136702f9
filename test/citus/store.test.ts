/** Runs the suites of the stores over tables that are divided among machines. */
import { after, before } from 'node:test';
import { contentsSuite } from '../store/contents.suite.ts';
import { feedSuite } from '../store/feed.suite.ts';
import { forgettingSuite } from '../store/forgetting.suite.ts';
import { keysAndUsageSuite } from '../store/keys-and-usage.suite.ts';
import { searchSuite } from '../store/search.suite.ts';
import { tenantsSuite } from '../store/tenants.suite.ts';
import { transactionsSuite } from '../store/transactions.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'suites');
  });
  after(() => cluster[Symbol.asyncDispose]());
  const home = spreadHome(() => url);
  transactionsSuite('Citus', home);
  keysAndUsageSuite('Citus', home, 600);
  tenantsSuite('Citus', home, 600);
  contentsSuite('Citus', home);
  feedSuite('Citus', home, 4);
  forgettingSuite('Citus', home);
  searchSuite('Citus', home);
}
