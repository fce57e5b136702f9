/** Runs the suites of what is counted, billed and archived over tables that are divided among machines. */
import { after, before } from 'node:test';
import { archiveSuite } from '../store/archive.suite.ts';
import { countedWritesSuite } from '../store/counted-writes.suite.ts';
import { statementsSuite } from '../store/statements.suite.ts';
import { usageSuite } from '../store/usage.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'billed');
  });
  after(() => cluster[Symbol.asyncDispose]());
  const home = spreadHome(() => url);
  countedWritesSuite('Citus', home);
  statementsSuite('Citus', home);
  archiveSuite('Citus', home);
  usageSuite('Citus', home, async ({ ask }, _, text) =>
    (await ask(text)).map((row) => ({ ...row, ...('rows' in row && { rows: Number(row.rows) }) })),
  );
}
