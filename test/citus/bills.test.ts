/** Runs the suites of what is counted, billed and archived over tables that are divided among machines. */
import { archiveSuite } from '../store/archive.suite.ts';
import { countedWritesSuite } from '../store/counted-writes.suite.ts';
import { statementsSuite } from '../store/statements.suite.ts';
import { usageSuite } from '../store/usage.suite.ts';
import { overCluster } from './home.ts';

overCluster('billed', (home) => {
  countedWritesSuite('Citus', home);
  statementsSuite('Citus', home);
  archiveSuite('Citus', home);
  usageSuite('Citus', home, async ({ ask }, _, text) =>
    (await ask(text)).map((row) => ({ ...row, ...('rows' in row && { rows: Number(row.rows) }) })),
  );
});
