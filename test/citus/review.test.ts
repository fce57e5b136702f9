/** Runs the suites of packs, checks and retention over tables that are divided among machines. */
import { checkSuite } from '../store/check.suite.ts';
import { conversionSuite } from '../store/conversion.suite.ts';
import { packsSuite } from '../store/packs.suite.ts';
import { retentionSuite } from '../store/retention.suite.ts';
import { overCluster } from './home.ts';

overCluster('reviewed', (home) => {
  packsSuite('Citus', home);
  conversionSuite('Citus', home);
  checkSuite('Citus', home);
  retentionSuite('Citus', home);
});
