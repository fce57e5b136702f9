import type { Fault } from './fault.ts';

const told =
  'SQLite: each transaction is told of when it is over, well or not, and so are calls that are counted together';

/** Faults in what is told of the databases. */
export const metrics: readonly Fault[] = [
  {
    breaks: 'a write that fails is told of, too',
    file: 'store/database.ts',
    right: '      this.onTransaction(begun - asked, performance.now() - begun);\n',
    wrong: '',
    testFile: 'store/activity.test.ts',
    testName: told,
  },
  {
    breaks: 'a write that has its turn is not told of as waiting',
    file: 'store/database.ts',
    right: 'this.#inProgress -= 1;',
    wrong: '',
    testFile: 'store/activity.test.ts',
    testName: 'SQLite: who waits for a turn is counted, and nobody when all are done',
  },
  {
    breaks: 'as many calls are told of as are counted together',
    file: 'store/ledger.ts',
    right: 'this.calls += 1;',
    wrong: 'this.calls = 1;',
    testFile: 'store/activity.test.ts',
    testName: told,
  },
  {
    breaks: 'searches that wait in memory are told of',
    file: 'ops/database-metrics.ts',
    right: 'this.inc((searches()?.waitedMs ?? 0) / 1000);',
    wrong: 'this.inc(searches()?.waitedMs ?? 0);',
    testFile: 'ops/metrics.test.ts',
    testName: 'writes go into buckets by what they write, and calls that one commit counts are told',
  },
];
