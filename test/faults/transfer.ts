import type { Fault } from './fault.ts';

/** Faults in import and export. */
export const transfer: readonly Fault[] = [
  {
    breaks: 'an archive whose ids are taken is imported not at all',
    file: 'ops/archive/import.ts',
    right: 'if (takenCount > 0) {',
    wrong: 'if (takenCount > 1_000) {',
    testFile: 'ops/archive.test.ts',
    testName: 'ids that are taken are told, and nothing is imported',
  },
  {
    breaks: 'an archive that was changed is not imported',
    file: 'ops/archive/read.ts',
    right: `hash.digest('hex') !== manifest.sha256`,
    wrong: 'false',
    testFile: 'ops/archive.test.ts',
    testName: 'an archive that is cut off or changed anywhere is refused, with nothing imported',
  },
  {
    breaks: 'an export never takes the place of a file',
    file: 'ops/archive/write.ts',
    right: `if (cause.code !== 'EEXIST') throw cause;`,
    wrong: 'if (cause.code === "EEXIST") return;',
    testFile: 'ops/archive.test.ts',
    testName: 'what is there is never replaced, and what fails leaves nothing',
  },
  {
    breaks: 'a face id that is taken is told, and not a failure of the database',
    file: 'store/archive/registry-archive.ts',
    right: 'if (taken !== undefined)',
    wrong: `if (taken === '')`,
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: an id that is taken refuses the persons that come with it, all of them',
  },
  {
    breaks: 'an export of a large register takes no time that grows with its square',
    file: 'store/archive/read.ts',
    right: `sql\`earlier.face_id || ''\``,
    wrong: `sql.ref('earlier.face_id')`,
    testFile: 'store/query-plans.test.ts',
    testName: 'no query scans a table, walks an appid or sorts rows, but those whose answer is all of it',
  },
  {
    breaks: 'a line that a process died in is no picture that is done',
    file: 'ops/enrolment/journal.ts',
    right: `text.slice(0, text.lastIndexOf('\\n') + 1)`,
    wrong: 'text',
    testFile: 'ops/enrolment/enrol.test.ts',
    testName: 'an import that ends anywhere goes on where it was, and analyses no picture again that was noted',
  },
  {
    breaks: 'a picture that could not be downloaded is tried again by the next run',
    file: 'ops/enrolment/enrol.ts',
    right: 'const noted = done.filter(({ outcome }) => !passing.has(outcome));',
    wrong: 'const noted = done;',
    testFile: 'ops/enrolment/enrol.test.ts',
    testName: 'what is refused is told by its reason, and the rest is enrolled',
  },
  {
    breaks: 'two names never become one person',
    file: 'ops/enrolment/supply.ts',
    right: `"'%]/gu`,
    wrong: `"']/gu`,
    testFile: 'ops/enrolment/supplies.test.ts',
    testName: 'two names never give one id',
  },
];
