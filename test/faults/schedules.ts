import type { Fault } from './fault.ts';

const testFile = 'schedules/schedules.test.ts';

/** Faults in what happens when calls, threads and processes meet: only some orders of events show them. */
export const schedules: readonly Fault[] = [
  ...[
    {
      breaks: 'who gives up while waiting leaves no place behind that nobody else gets',
      right: '        line.delete(enter);\n',
      wrong: '',
    },
    {
      breaks: 'who has waited longest is next',
      right: 'const [next] = line;',
      wrong: 'const next = [...line].at(-1);',
    },
    {
      breaks: 'no more wait than may',
      right: 'line.size >= waitingMax',
      wrong: 'line.size > waitingMax',
    },
  ].map((fault) => ({
    ...fault,
    file: 'concurrency/semaphore.ts',
    testFile,
    testName: 'the queue lets in as many as may be, in the order they came, and loses no place, whatever the schedule',
  })),
  {
    breaks: 'who waits for the counts so far waits until they are kept',
    file: 'store/ledger.ts',
    right: '    await this.#lastCommit;\n',
    wrong: '',
    testFile,
    testName: 'what the ledger says is counted is kept, once, whatever the schedule',
  },
  ...[
    {
      breaks: 'a statement that comes after the end of its transaction is refused, not written outside of one',
      file: 'store/dialects/sqlite/writer.ts',
      right: "    if (this.#ended) throw new Error('the transaction has ended');\n",
      wrong: '',
    },
    {
      breaks: 'a transaction is not ended only when its end is answered: what is asked meanwhile comes after it',
      file: 'store/dialects/sqlite/writer.ts',
      right: "    this.#ended = true;\n    await this.#thread.perform({ kind: 'rollback' });",
      wrong: "    await this.#thread.perform({ kind: 'rollback' });\n    this.#ended = true;",
    },
    {
      breaks: 'a transaction of which a statement failed is not kept without it',
      file: 'store/dialects/sqlite/writer.ts',
      right: '      this.#failure = { cause };\n',
      wrong: '',
    },
    {
      breaks: 'a failure that a transaction has caught does not let it be kept in part',
      file: 'store/dialects/sqlite/writer.ts',
      right: '    this.#refuseIfOver();\n    this.#ended = true;\n',
      wrong: '    this.#ended = true;\n',
    },
    {
      breaks: 'nobody waits for a thread that is dead',
      file: 'store/dialects/sqlite/thread.ts',
      right: '    for (const { reject } of this.#outstanding.values()) reject(error);\n',
      wrong: '',
    },
    {
      breaks: 'a thread that ends without an error is missed as well',
      file: 'store/dialects/sqlite/thread.ts',
      right: `    thread.on('exit', () => this.#fail(new Error("the database's thread has ended")));\n`,
      wrong: '',
    },
  ].map((fault) => ({
    ...fault,
    testFile,
    testName:
      'a write transaction is kept whole if it is answered, and leaves nothing if it fails, whatever the schedule',
  })),
];
