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
  {
    breaks: 'a trace tells nothing of whom a call is about',
    file: 'ops/traces.ts',
    right: "'familiar.code': code,",
    wrong: "'familiar.code': code, 'url.full': 'somebody-secret',",
    testFile: 'ops/traces.test.ts',
    testName: 'a call is a trace with its stages, a part of the caller’s trace, and tells nothing of who it is about',
  },
  {
    breaks: 'a trace goes on from the one that the caller began',
    file: 'ops/traces.ts',
    right: 'propagator.extract(ROOT_CONTEXT, headers, headersGetter)',
    wrong: 'propagator.extract(ROOT_CONTEXT, {}, headersGetter)',
    testFile: 'ops/traces.test.ts',
    testName: 'a caller that does not sample is not sampled, and one that says nothing, or nonsense, begins a trace',
  },
  {
    breaks: 'the log does not fill because a collector is away',
    file: 'ops/traces.ts',
    right: 'if (fails !== this.#hasFailed)',
    wrong: 'if (fails || this.#hasFailed)',
    testFile: 'ops/traces.test.ts',
    testName:
      'a collector that is away is told of once, and again when it is back; a server closes without waiting for it',
  },
  {
    breaks: 'a server without a collector is as small as it was',
    file: 'app/traces.ts',
    right: "  if (endpoint === '') return undefined;\n  const { openTraces } = await import('../ops/traces.ts');",
    wrong: "  const { openTraces } = await import('../ops/traces.ts');\n  if (endpoint === '') return undefined;",
    testFile: 'ops/traces.test.ts',
    testName: 'where no collector is set, nothing of the library is loaded',
  },
];
