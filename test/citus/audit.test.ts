/** Runs the suites of the audit and of operators over tables that are divided among machines. */
import { after, before } from 'node:test';
import { auditSuite } from '../store/audit.suite.ts';
import { operatorsSuite } from '../store/operators.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'audited');
  });
  after(() => cluster[Symbol.asyncDispose]());
  const home = spreadHome(() => url);
  auditSuite('Citus', home);
  operatorsSuite('Citus', home);
}
