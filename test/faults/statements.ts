import type { Fault } from './fault.ts';

const charged = 'whatever the tiers, the bounds and the allowance, calls cost what they cost one by one';

/** Faults in what months cost, and in how they are closed. */
export const statements: readonly Fault[] = [
  {
    breaks: 'calls within the allowance cost nothing',
    file: 'ops/statements/charge.ts',
    right: 'Math.max(free, after)',
    wrong: 'after',
    testFile: 'ops/statements/charge.test.ts',
    testName: charged,
  },
  {
    breaks: 'the last call up to a bound has the price up to it',
    file: 'ops/statements/charge.ts',
    right: 'calls <= upTo',
    wrong: 'calls < upTo',
    testFile: 'ops/statements/charge.test.ts',
    testName: 'the published list: 10,000 calls are free, and the price that a month reaches holds for all of them',
  },
  {
    breaks: 'half a cent is a cent',
    file: 'ops/statements/decimal.ts',
    right: '(value.units + divisor / 2n)',
    wrong: 'value.units',
    testFile: 'ops/statements/charge.test.ts',
    testName: 'decimals are exact, and rounded from the middle up',
  },
  {
    breaks: 'late calls are invoiced once',
    file: 'ops/statements/statement.ts',
    right: '    for (const { month: of, endpoint, calls } of statement.late) tell(of, endpoint, calls);\n',
    wrong: '',
    testFile: 'ops/statements/statement.test.ts',
    testName: 'calls of a closed month that were counted later are told by one later statement, once',
  },
  {
    breaks: 'a month is not closed while servers may still count its last calls',
    file: 'app/statements.ts',
    right: 'now - graceMs)()',
    wrong: 'now)()',
    testFile: 'app/statements.test.ts',
    testName: 'a month is closed from an hour after its end on, in its own time zone',
  },
  {
    breaks: 'a closed month stays as it is',
    file: 'app/statements.ts',
    right: 'if (closed === undefined) return make(source, request, kept, null);',
    wrong: 'if (closed === undefined || prices === undefined) return make(source, request, kept, null);',
    testFile: 'cli/statement.test.ts',
    testName: 'a closed month stays what it was to the byte, and what comes late is told by a later one',
  },
  {
    breaks: 'who closes a month is found out later',
    file: 'store/statements.ts',
    right: "        await audit.note(trx, appid, { action: 'statement close', detail: { month } });\n",
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: who closes a month leaves a line in the audit, and who does not leaves none',
  },
  {
    breaks: 'two closings of an appid do not both tell of the same late calls',
    file: 'store/statements.ts',
    right: '        await dialectOf(trx).lockRegistry?.(trx, appid);\n',
    wrong: '',
    testFile: 'postgres/store.test.ts',
    testName: 'PostgreSQL: closings of one appid take turns, so that each knows of those before it',
  },
];
