/** Runs the suites of packs, checks and retention over tables that are divided among machines. */
import { after, before } from 'node:test';
import { checkSuite } from '../store/check.suite.ts';
import { conversionSuite } from '../store/conversion.suite.ts';
import { packsSuite } from '../store/packs.suite.ts';
import { retentionSuite } from '../store/retention.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'reviewed');
  });
  after(() => cluster[Symbol.asyncDispose]());
  const home = spreadHome(() => url);
  packsSuite('Citus', home);
  conversionSuite('Citus', home);
  checkSuite('Citus', home);
  retentionSuite('Citus', home);
}
