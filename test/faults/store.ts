import type { Fault } from './fault.ts';

/** Faults in how calls are counted. */
const ledger: readonly Fault[] = [
  {
    breaks: 'a call that comes while counts are being written is counted, and not only answered',
    file: 'store/ledger.ts',
    right: `      this.#gathering = undefined;
      return this.#transactions.run((trx) => addAll(trx, counts.rows()));`,
    wrong: `      return this.#transactions.run((trx) => addAll(trx, counts.rows())).finally(() => {
        this.#gathering = undefined;
      });`,
    testFile: 'store/ledger.test.ts',
    testName: 'a call that comes while others are being written is counted before it is answered',
  },
  {
    breaks: 'a call is answered only when its count is durable',
    file: 'store/ledger.ts',
    right: 'await this.#gathering.durable;',
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'a call is answered only when its count is durable',
  },
  {
    breaks: 'a commit that failed once does not stop all later counts',
    file: 'store/ledger.ts',
    right: 'this.#lastCommit = durable.catch(() => {});',
    wrong: 'this.#lastCommit = durable;',
    testFile: 'store/ledger.test.ts',
    testName: 'a commit that fails is told to the callers of its counts, and to nobody after them',
  },
  {
    breaks: 'a call whose count could not be written is not answered as counted',
    file: 'store/ledger.ts',
    right: 'await this.#gathering.durable;',
    wrong: 'await this.#lastCommit;',
    testFile: 'store/ledger.test.ts',
    testName: 'a commit that fails is told to the callers of its counts, and to nobody after them',
  },
  {
    breaks: 'when the store closes, counts that were taken are still written',
    file: 'store/open.ts',
    right: '  opening.defer(() => usage.settle());\n',
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'closing waits for counts that wait for others',
  },
  {
    breaks: 'counts beyond the rows of one statement are written, too',
    file: 'store/ledger.ts',
    right: 'start < rows.length; start += rowsMax',
    wrong: 'start < 1; start += rowsMax',
    testFile: 'store/ledger.test.ts',
    testName: 'calls of many appids, months and endpoints at once are each counted where they belong',
  },
];

/** Faults in what is kept. */
export const store: readonly Fault[] = [...ledger];
