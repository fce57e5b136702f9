import type { Fault } from './fault.ts';

const counted = 'SQLite: a call is counted with what it writes, once, and told of it when both are durable';

/** Faults in how calls are counted. */
const ledger: readonly Fault[] = [
  {
    breaks: 'a call that comes while counts are being written is counted, and not only answered',
    file: 'store/ledger.ts',
    right: `      queue.gathering = undefined;
      this.onCommit(counts.calls);`,
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'a call that comes while others are being written is counted before it is answered',
  },
  {
    breaks: 'a call is answered only when its count is durable',
    file: 'store/ledger.ts',
    right: 'return queue.gathering.durable;',
    wrong: 'return Promise.resolve();',
    testFile: 'store/ledger.test.ts',
    testName: 'a call is answered only when its count is durable',
  },
  {
    breaks: 'a commit that failed once does not stop all later counts',
    file: 'store/ledger.ts',
    right: '    queue.lastCommit = commit;',
    wrong: '    queue.lastCommit = durable;',
    testFile: 'store/ledger.test.ts',
    testName: 'a commit that fails is told to the callers of its counts, and to nobody after them',
  },
  {
    breaks: 'what the database will not take keeps no other counts out',
    file: 'store/ledger.ts',
    right: '        if (failureOf(error) === undefined) return;\n',
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'counts that the database will not take are not tried again with those of others',
  },
  {
    breaks: 'a transaction that may run again is told apart from what it made fail',
    file: 'store/changes-of-transaction.ts',
    right: 'reasons.find((reason) => !isConsequence(reason)) ?? reasons[0]',
    wrong: 'reasons[0]',
    testFile: 'store/changes-of-transaction.test.ts',
    testName: 'of statements that failed, the one is told for which the others did',
  },
  {
    breaks: 'what could not be counted is counted later',
    file: 'store/ledger.ts',
    right: '        this.#failed.set(name, counts);\n',
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'a commit that fails is told to the callers of its counts, and to nobody after them',
  },
  {
    breaks: 'a call whose count could not be written is not answered as counted',
    file: 'store/ledger.ts',
    right: 'return queue.gathering.durable;',
    wrong: 'return queue.lastCommit;',
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
    breaks: 'calls of several appids that are counted together are all counted',
    file: 'store/ledger.ts',
    right: 'counts.rows().map((row)',
    wrong: 'counts.rows().slice(0, 1).map((row)',
    testFile: 'store/ledger.test.ts',
    testName: 'calls of many appids, months and endpoints at once are each counted where they belong',
  },
  {
    breaks: 'after counts that could not be written, others can be',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: "      if (this.#connection.isTransaction) this.#connection.run('rollback');\n",
    wrong: '',
    testFile: 'store/connections.test.ts',
    testName: 'statements of one order are kept all or none, and one that failed leaves no transaction open',
  },
  {
    breaks: 'where appids are on different machines, none waits for the machine of another',
    file: 'store/ledger.ts',
    right: 'const name = this.#isDivided ? call.appid : ofAll;',
    wrong: 'const name = ofAll;',
    testFile: 'store/ledger.test.ts',
    testName: 'where appids are on different machines, a call waits for the counts of no other appid',
  },
];

/** Faults in how calls are counted with what they write. */
const writes: readonly Fault[] = [
  {
    breaks: 'a call that writes is counted if what it wrote is there after a crash, and only then',
    file: 'store/registry-transactions.ts',
    right: 'changes.owe(inner.change((db) => countWrite(db, countOf(call.call()))));',
    wrong: '',
    testFile: 'store/processes.disk.test.ts',
    testName: 'a registration that was answered survives SIGKILL, and one that was not is whole or absent',
  },
  {
    breaks: 'a call that is counted with what it wrote is not counted again',
    file: 'store/registry-transactions.ts',
    right: 'if (changes.areAskedFor) call?.counted();',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: counted,
  },
  {
    breaks: 'a call that is counted with what it wrote is not counted again when it is answered',
    file: 'http/conclude.ts',
    right: ' || request.record.isCounted',
    wrong: '',
    testFile: 'http/callers.test.ts',
    testName:
      'a call that is counted with what it writes is not counted again, and one that wrote nothing is counted beside it',
  },
  {
    breaks: 'a call that wrote nothing is not counted as answered well before it is answered',
    file: 'store/registry-transactions.ts',
    right: 'areAskedFor && call !== undefined',
    wrong: 'call !== undefined',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a call whose write is undone, or that asks for no change, is not counted with it',
  },
  {
    breaks: 'a call that writes within a write is counted with it',
    file: 'store/registry.ts',
    right: 'work(this.#within(inner, outer))',
    wrong: 'work(new Registry(inner, this.#transactions))',
    testFile: 'store/sqlite.test.ts',
    testName: counted,
  },
  {
    breaks: 'an invoice tells of the calls that wrote nothing, too',
    file: 'store/usage-report.ts',
    right: "else for (const column of ['ok', 'failed', 'pictures', 'faces'] as const) row[column] += part[column];",
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a report adds up the calls that wrote and those that did not, in order',
  },
  {
    breaks: 'who erases somebody from a full disk is not refused since the call is counted',
    file: 'store/dialects/sqlite/writer.ts',
    right: "  'usage_of_writes_by_day',\n",
    wrong: '',
    testFile: 'store/full-disk.disk.test.ts',
    testName: 'on a full disk persons are erased, groups left and calls counted, and nobody is registered',
  },
];

/** Faults in what reports make of the counts, and in how those are kept small. */
const reports: readonly Fault[] = [
  {
    breaks: 'the calls of two keys are told apart',
    file: 'store/ledger.ts',
    right: 'row.secret_id}`',
    wrong: 'call.appid}`',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: calls are told apart by day, key, endpoint and code, or added up over them',
  },
  {
    breaks: 'what was counted by month is not told as if it were of some of its days',
    file: 'store/usage-report.ts',
    right: 'return to === lastDayOf(to) ? within',
    wrong: "return to !== '' ? within",
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what older versions counted by month is told with the month, and part of no other span',
  },
  {
    breaks: 'calls that older versions counted are still invoiced',
    file: 'store/usage-report.ts',
    right: "    readMonths('usage', calls, query),\n",
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what older versions counted by month is told with the month, and part of no other span',
  },
  {
    breaks: 'counts that are put together are not lost',
    file: 'store/usage-fold.ts',
    right: 'else for (const column of usageSums) sum[column] += row[column];',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: counts of days long past become those of their months, and no sum changes',
  },
  {
    breaks: 'counts are put together although it failed once',
    file: 'app/upkeep.ts',
    right: 'doing = doing.then(work).catch(onFault);',
    wrong: 'doing = doing.then(work).catch(() => clearInterval(timer));',
    testFile: 'app/upkeep.test.ts',
    testName: 'a fold that fails is told to the log and tried again, and one under way is waited for',
  },
  {
    breaks: 'who asks for a part of a month is told that some calls are not in it',
    file: 'app/usage.ts',
    right: 'if (!from.endsWith(',
    wrong: 'if (from === to && !from.endsWith(',
    testFile: 'cli/usage.test.ts',
    testName:
      'counts of a month whose days are not known are told with the month, and left out of a part of it with a word',
  },
  {
    breaks: 'counts of one appid that cannot be put together do not keep up those of others',
    file: 'store/usage-fold.ts',
    right: '.catch((error) => failures.push(error));',
    wrong: ';',
    testFile: 'store/usage-fold.test.ts',
    testName: 'counts of an appid that cannot be folded are told of, and those of others are folded',
  },
  {
    breaks: 'the last 400 days are kept by day',
    file: 'store/usage-fold.ts',
    right: 'daysBefore(today, daysKept)',
    wrong: 'daysBefore(today, daysKept - 1)',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: counts of days long past become those of their months, and no sum changes',
  },
];

/** Faults in how calls are counted. */
export const counts: readonly Fault[] = [...ledger, ...writes, ...reports];
