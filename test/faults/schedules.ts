import type { Fault } from './fault.ts';

const testFile = 'schedules/schedules.test.ts';

/** Faults in what happens when calls, threads and processes meet: only some orders of events show them. */
export const schedules: readonly Fault[] = [
  ...[
    {
      breaks: 'who gives up while waiting leaves no place behind that nobody else gets',
      right: '        waiting.delete(resolve);\n',
      wrong: '',
    },
    {
      breaks: 'who has waited longest is next',
      right: 'const [next] = waiting;',
      wrong: 'const next = [...waiting].at(-1);',
    },
    {
      breaks: 'no more wait than may',
      right: 'waiting.size >= waitingMax',
      wrong: 'waiting.size > waitingMax',
    },
  ].map((fault) => ({
    ...fault,
    file: 'vision/pool/gate.ts',
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
];
