/** Runs the suites of the audit and of operators over tables that are divided among machines. */
import { auditSuite } from '../store/audit.suite.ts';
import { operatorsSuite } from '../store/operators.suite.ts';
import { overCluster } from './home.ts';

overCluster('audited', (home) => {
  auditSuite('Citus', home);
  operatorsSuite('Citus', home);
});
