/** Runs the suites of what operators see and correct over tables that are divided among machines. */
import { correctionsSuite } from '../store/corrections.suite.ts';
import { pagesSuite } from '../store/pages.suite.ts';
import { overCluster } from './home.ts';

overCluster('corrected', (home) => {
  correctionsSuite('Citus', home);
  pagesSuite('Citus', home);
});
