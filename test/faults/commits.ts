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
    breaks: 'a commit waits for the counts that a limit may refuse',
    file: 'store/registry-transactions.ts',
    right: ' && !growth.isLimited };',
    wrong: ' };',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: an appid may keep as much as its limits say, and no more: all of the write is undone',
  },
];
