import type { Fault } from './fault.ts';

const pages = { testFile: 'store/sqlite.test.ts' };
const inOrder = 'SQLite: pages of persons show each once and in order, of all or of those that begin with a text';
const history = 'SQLite: the history of a person has each change of it, of one that is erased, too, until it is pruned';

/** Faults in what the console shows of a register, and changes there. */
export const register: readonly Fault[] = [
  {
    breaks: 'the page before another one has the persons before it',
    file: 'store/pages/page.ts',
    right: "sql.raw(isBackward ? '<' : '>')",
    wrong: "sql.raw('>')",
    ...pages,
    testName: inOrder,
  },
  {
    breaks: 'a search for what begins with the last character below the surrogates finds it',
    file: 'store/pages/page.ts',
    right: 'const next = code === lastBelowSurrogates ? firstAboveSurrogates : code + 1;',
    wrong: 'const next = code + 1;',
    ...pages,
    testName: inOrder,
  },
  {
    breaks: 'members are found however many others have names before theirs',
    file: 'store/pages/persons.ts',
    right: 'if (found.length <= count) return { ...looked, items: found };',
    wrong: 'if (found.length <= count) return { ...looked, items: found, next: undefined };',
    ...pages,
    testName: 'SQLite: members are found by their names among many who are none',
  },
  {
    breaks: 'who is in no group any more is found by no search of the group',
    file: 'store/group-end.ts',
    right:
      "changes.recorded.add(personIds.map((personId) => ({ kind: 'leaveGroups', personId, groupIds: [groupId] })));",
    wrong: '',
    ...pages,
    testName: 'SQLite: a group that is ended has no members, which stay registered, and whoever follows hears of each',
  },
  {
    breaks: 'lines that are pruned are in the history of nobody',
    file: 'store/audit/prune.ts',
    right: "if (table === 'audit' && chain === chainOfChanges) await forgetPersons(trx.db, appid, old);",
    wrong: '',
    ...pages,
    testName: history,
  },
  {
    breaks: 'the history of a person has all lines that tell of it',
    file: 'store/audit/trail.ts',
    right: 'persons.length > 0 &&',
    wrong: 'persons.length > 1 &&',
    ...pages,
    testName: history,
  },
  {
    breaks: 'the pictures of an appid are for nobody of another one',
    file: 'http/admin/crops.ts',
    right: "if (!isGranted(operator, 'reader', appid)) {",
    wrong: "if (operator.name === '') {",
    testFile: 'http/crops.test.ts',
    testName: 'a crop is served to nobody without a session, of another appid, or from a page of another origin',
  },
  {
    breaks: 'pictures are for nobody without a session',
    file: 'http/admin/crops.ts',
    right: 'const { operator } = await sessionOf(request, api);',
    wrong: "const operator = { name: 'x', createdAt: 0, role: 'owner', appid: null } as const;",
    testFile: 'http/crops.test.ts',
    testName: 'a crop is served to nobody without a session, of another appid, or from a page of another origin',
  },
  {
    breaks: 'who may only see cannot erase a group',
    file: 'contract/operator/register.ts',
    right: "summary: 'Ends a group: every person leaves it, and none is erased.',\n    right: 'editor',",
    wrong: "summary: 'Ends a group: every person leaves it, and none is erased.',\n    right: 'reader',",
    testFile: 'app/operator-register.test.ts',
    testName: 'no operation on a register is done without a session, its token and its right, nor across appids',
  },
  {
    breaks: 'the history of a person comes from an index, and the newest lines from the ends of chains',
    file: 'store/audit/lines.ts',
    right: ".orderBy('audit_persons.sequence', 'desc')",
    wrong: ".orderBy('audit_persons.sequence')",
    ...pages,
    testName: history,
  },
];
