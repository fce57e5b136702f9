/** Runs the suites of what operators see and correct over tables that are divided among machines. */
import { after, before } from 'node:test';
import { correctionsSuite } from '../store/corrections.suite.ts';
import { pagesSuite } from '../store/pages.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'corrected');
  });
  after(() => cluster[Symbol.asyncDispose]());
  const home = spreadHome(() => url);
  correctionsSuite('Citus', home);
  pagesSuite('Citus', home);
}
