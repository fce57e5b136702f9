import type { Fault } from './fault.ts';

const suite = { testFile: 'store/corrections.test.ts' };
const erased = 'SQLite: an erasure is not undone: what would undo it goes with it, and nothing plain is left';
const merged = 'SQLite: two persons that are merged are one with all faces and groups; undone, they are as they were';

/** Faults in corrections of who is who. */
export const corrections: readonly Fault[] = [
  {
    breaks: 'who is erased takes along what would undo it',
    file: 'store/audit/trail.ts',
    right: 'erased.length > 0 && forgetErased',
    wrong: 'erased.length < 0 && forgetErased',
    ...suite,
    testName: erased,
  },
  {
    breaks: 'a person that was renamed takes along what tells of the id before',
    file: 'store/corrections/records.ts',
    right: "digestOf(key, 'persons', to)",
    wrong: "digestOf(key, 'persons', from)",
    ...suite,
    testName: erased,
  },
  {
    breaks: 'an id that goes by a merge keeps what undoes it',
    file: 'store/audit/touched.ts',
    right: "(kind === 'persons' && !this.#retired.has(id))",
    wrong: "kind === 'persons'",
    ...suite,
    testName: 'SQLite: a pair that is forbidden is not merged, whatever ids the two get, until it is allowed',
  },
  {
    breaks: 'the person that stays is in all groups for who follows, too',
    file: 'store/corrections/make.ts',
    right:
      "if (gained.length > 0) scope.changes.recorded.add([{ kind: 'joinGroups', personId: to, groupIds: gained }]);",
    wrong: '',
    ...suite,
    testName: merged,
  },
  {
    breaks: 'no person gets more faces than the limit by a correction',
    file: 'store/corrections/rows.ts',
    right: 'if (faces > facesMax) throw',
    wrong: 'if (faces < 0) throw',
    ...suite,
    testName: 'SQLite: a correction that cannot be is refused, and leaves everything as it was',
  },
  {
    breaks: 'a copy takes a face from whom it still has it of',
    file: 'store/copy/persons.ts',
    right: 'await deleteFaces(trx, appid, given);',
    wrong: '',
    ...suite,
    testName: 'who copies a register takes a face that was moved from whom the copy still has it of',
  },
];
