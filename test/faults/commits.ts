import type { Fault } from './fault.ts';

/** Faults in the commit that is sent before the statements of its transaction are answered. */
export const commits: readonly Fault[] = [
  {
    breaks: 'of a registration nothing stays if a part of it could not be written, though nobody waited for that part',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right:
      "    if (this.#hasFailed && statement.sql === 'commit') throw new Error('a statement of the transaction has failed');\n",
    wrong: '',
    testFile: 'store/writer-thread.test.ts',
    testName: 'a commit that was sent before a statement of its transaction failed is refused, and the next one is not',
  },
  {
    breaks: 'why a registration could not be written is told, and a full disk is made room on',
    file: 'store/dialects/sqlite/writer.ts',
    right: 'throw this.#failure === undefined ? error : this.#failure.cause;',
    wrong: 'throw error;',
    testFile: 'store/writer.test.ts',
    testName: 'the end of a transaction need not wait for its statements, and fails as the first of them that does',
  },
  {
    breaks: 'no commit overtakes the statements of its transaction',
    file: 'store/registry-transactions.ts',
    right: 'isSent: isAtOnce && ',
    wrong: 'isSent: ',
    testFile: 'store/query-plans.test.ts',
    testName: 'no query scans a table, walks an appid or sorts rows, but those whose answer is all of it',
  },
  {
    breaks: 'the faces of an appid that was ended and added again can be read',
    file: 'store/insert-face.ts',
    right: 'ahead?.key === key ? ahead : ',
    wrong: 'ahead ?? ',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a face is encrypted with the key that its appid has, though it had another one a moment before',
  },
  {
    breaks: 'the audit of an appid that was ended and added again can be read',
    file: 'store/audit/foreseen-ids.ts',
    right: 'dataKey === this.#dataKey ? this.#ids',
    wrong: 'dataKey ? this.#ids',
    testFile: 'store/audit/foreseen-ids.test.ts',
    testName: 'ids that were foreseen are told as all are, and made anew for an appid that has another key by now',
  },
  {
    breaks: 'a value is never encrypted with the nonce of another one',
    file: 'store/encryption/cipher.ts',
    right: '  noncesUsed += nonceLength;\n',
    wrong: '',
    testFile: 'store/encrypted-values.test.ts',
    testName: 'values of one key have nonces of their own',
  },
  {
    breaks: 'a request of any length gets to the process that is to do it',
    file: 'processes/receiver.ts',
    right: '      if (end > this.#head.length) this.#growHead(end);\n',
    wrong: '',
    testFile: 'processes/confined.test.ts',
    testName: 'requests are answered one after another, with values and bytes of any length',
  },
  {
    breaks: 'a commit waits for the counts that a limit may refuse',
    file: 'store/registry-transactions.ts',
    right: ' && !growth.isLimited };',
    wrong: ' };',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a registration beyond what its appid may keep is undone, whether it is the first or not',
  },
];
