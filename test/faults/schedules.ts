import type { Fault } from './fault.ts';

const testFile = 'schedules/schedules.test.ts';

/** Faults in what happens when calls, threads and processes meet: only some orders of events show them. */
export const schedules: readonly Fault[] = [
  ...[
    {
      breaks: 'who gives up while waiting leaves no place behind that nobody else gets',
      right: '      part.delete(enter);\n',
      wrong: '',
    },
    {
      breaks: 'who has waited longest is next',
      right: 'const [next] = continued.size > 0 ? continued : others;',
      wrong: 'const next = [...continued, ...others].at(-1);',
    },
    {
      breaks: 'no more wait than may',
      right: 'this.#waiting >= this.#limits.waitingMax',
      wrong: 'this.#waiting > this.#limits.waitingMax',
    },
    {
      breaks: 'a party that sends much waits for its turn, as the others do',
      right: '    fairness.begun(party, this.#lines.size + this.#background.size > 0);\n',
      wrong: '',
    },
    {
      breaks: 'one party never holds everything',
      right: '!this.#mayTake(party) || rank >= lowest',
      wrong: 'rank >= lowest',
    },
    {
      breaks: 'a party that has given back everything may take again',
      right: '        this.#countHeld(party, -1);\n',
      wrong: '',
    },
  ].map((fault) => ({
    ...fault,
    file: 'concurrency/semaphore.ts',
    testFile,
    testName: 'the queue lets in as many as may be, parties taking turns, and loses no place, whatever the schedule',
  })),
  {
    breaks: 'a worker that is stuck is given up, and its place with it',
    file: 'vision/pool/ask.ts',
    right: '      return deadline.signal;\n',
    wrong: '      return new AbortController().signal;\n',
    testFile,
    testName:
      'a worker counts as busy until it is free, whoever still waits for it, and no place is lost, whatever the schedule',
  },
  {
    breaks: 'who waits for the counts so far waits until they are kept',
    file: 'store/ledger.ts',
    right: '    await Promise.all([...this.#queues.values()].map(({ lastCommit }) => lastCommit));\n',
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
  ...[
    {
      breaks: 'a search is not answered with the faces of another appid',
      file: 'search/pool.ts',
      right: '    one.target === other.target &&\n',
      wrong: '',
    },
    {
      breaks: 'a search does not join a scan that is under way, which has passed faces by without it',
      file: 'search/pool.ts',
      right: '(job) => job.isNew && isAlike',
      wrong: '(job) => isAlike',
    },
    {
      breaks: 'a slice of which one thread has ended is not begun by another one after it',
      file: 'search/pool.ts',
      right: '    job.begin = 0;\n',
      wrong: '',
    },
    {
      breaks: 'when the index closes, changes that wait for a scan are made all the same',
      file: 'search/pool.ts',
      right: '    for (const { request } of open) request.target.lock.end();\n',
      wrong: '',
    },
    {
      breaks: 'when the index closes, no search waits for ever',
      file: 'search/pool.ts',
      right: 'for (const job of [...this.#waiting, ...this.#jobs.keys()]) this.#reject(job, error);',
      wrong: '',
    },
    {
      breaks: 'what a thread had taken when it died is scanned by another one',
      file: 'search/pool.ts',
      right: '    job.lose(error);\n',
      wrong: '',
    },
    {
      breaks: 'a search whose thread dies is answered by the one that replaces it',
      file: 'search/supervisor.ts',
      right: '    this.#reports.lost(thread, error);\n',
      wrong: '',
    },
    {
      breaks: 'no change is made while threads scan',
      file: 'search/slice-lock.ts',
      right: 'if (this.#slices === 0) return work();',
      wrong: 'if (this.#slices >= 0) return work();',
    },
    {
      breaks: 'a face that was found and changes while the scan goes on is not told as it was',
      file: 'search/scan-job.ts',
      right: 'if (now?.person !== face.person || now.cosine < face.cosine) return undefined;',
      wrong: 'if (now?.person !== face.person || now.cosine < face.cosine) continue;',
    },
    {
      breaks: 'a face that comes while the scan goes on is not missed',
      file: 'search/scan-job.ts',
      right: '      best.offer(face);\n    }\n    for',
      wrong: '    }\n    for',
    },
    {
      breaks: 'a scan that is made again begins at the beginning',
      file: 'search/scan-job.ts',
      right: '    this.#done.clear();\n',
      wrong: '',
    },
  ].map((fault) => ({
    ...fault,
    testFile,
    testName: 'a search finds what is right at some moment while it is under way, and it ends, whatever the schedule',
  })),
  {
    breaks: 'no search finds a part of a gallery that is being dropped',
    file: 'sync/held-gallery.ts',
    right: '    await Promise.allSettled(this.#searches);\n',
    wrong: '',
    testFile,
    testName: 'a search sees what any process wrote before it, whatever fails and is forgotten, whatever the schedule',
  },
  {
    breaks: 'no search finds a part of a gallery that is being loaded',
    file: 'sync/held-gallery.ts',
    right: "if (this.#state !== 'loaded') return undefined;",
    wrong: 'if (this.#sync === undefined) return undefined;',
    testFile,
    testName: 'a search sees what any process wrote before it, whatever fails and is forgotten, whatever the schedule',
  },
];
