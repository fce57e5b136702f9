import type { Fault } from './fault.ts';

const calls = { file: 'http/operator-calls.ts', testFile: 'http/operator-calls.test.ts' };
const uploads = { testFile: 'http/operator-uploads.test.ts' };
const nobody = 'nothing is read for who has no session, a forged token or another origin';

/** Faults in what operators do with pictures. */
export const recognise: readonly Fault[] = [
  {
    breaks: 'an operator’s pictures keep no caller waiting',
    ...calls,
    right: 'month, isBackground: true }',
    wrong: 'month }',
    testName: 'pictures wait until no others do, and take part in the turns of no appid',
  },
  {
    breaks: 'nobody evades the pictures of the month by the console',
    ...calls,
    right: 'picturesPerMonthMax === undefined ||',
    wrong: 'picturesPerMonthMax !== undefined ||',
    testName: 'the pictures of the month are those of the appid, whoever sends them',
  },
  {
    breaks: 'a call of an operator is counted once',
    ...calls,
    right: '    if (record.isCounted) return;\n',
    wrong: '',
    testName: 'what is written is counted with it, and is the act of the operator',
  },
  {
    breaks: 'the audit names the operator, and not a key',
    file: 'http/call.ts',
    right: '    if (by !== undefined) return { ...by, requestId: id };\n',
    wrong: '',
    testFile: calls.testFile,
    testName: 'what is written is counted with it, and is the act of the operator',
  },
  {
    breaks: 'operators hold no more than some pictures at once',
    ...calls,
    right: 'this.#inFlight >= callsMax',
    wrong: 'this.#inFlight > callsMax',
    testName: 'so many calls are in flight at once, and the next one is told to come later',
  },
  {
    breaks: 'the body is not held for as long as its picture waits',
    file: 'http/admin/uploads.ts',
    right: '    this.lease.give(this.lease.amount);\n',
    wrong: '',
    ...uploads,
    testName: 'the pictures of a form reach the handler byte by byte, in the order of the declaration',
  },
  {
    breaks: 'pictures are read of nobody without a session',
    file: 'http/admin/api.ts',
    right: '        request.asking = await contextOf(name, request, reply, api);\n        request.incoming',
    wrong:
      "        request.asking = { ...(await contextOf('session.readLink', request, reply, api)) };\n        request.incoming",
    ...uploads,
    testName: nobody,
  },
  {
    breaks: 'who went away holds no memory',
    file: 'http/admin/uploads.ts',
    right: '      lease[Symbol.dispose]();\n',
    wrong: '',
    ...uploads,
    testName: 'bodies share a memory, and who finds none is told to come again',
  },
  {
    breaks: 'a score says how rare it is among strangers',
    file: 'contract/score-meaning.ts',
    right: '-Math.expm1(faces * Math.log1p(-share))',
    wrong: 'faces * share',
    testFile: 'contract/score-meaning.test.ts',
    testName: 'the more faces are searched, the more strangers are accepted, as independent comparisons would have it',
  },
];
