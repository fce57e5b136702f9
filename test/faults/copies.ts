import type { Fault } from './fault.ts';

const testFile = 'postgres/copy-in-use.test.ts';
const meanwhile = 'what is written to a folder while it is moved is in the database if it was answered';

/** Faults in how a register is copied while it is used. */
export const copies: readonly Fault[] = [
  {
    breaks: 'what is written while a register is copied comes along',
    file: 'store/copy/copy.ts',
    right: `    await refuseWrites(from.database);
    await copy.follow();`,
    wrong: '    await refuseWrites(from.database);',
    testFile,
    testName: meanwhile,
  },
  {
    breaks: 'a name that is changed while a register is copied comes along',
    file: 'store/persons.ts',
    right: "  scope.changes.recorded.add([{ kind: 'updatePerson', personId }]);\n",
    wrong: '',
    testFile,
    testName: meanwhile,
  },
  {
    breaks: 'a register that is moved takes no writes that would be lost',
    file: 'store/copy/tables.ts',
    right: '  for (const table of writtenTables) await refuse(writer as unknown as Kysely<never>, table);\n',
    wrong: '',
    testFile,
    testName: meanwhile,
  },
  {
    breaks: 'a register that was moved answers no call',
    file: 'store/keyring.ts',
    right: "if (row.copy === 'moved') throw",
    wrong: 'if (row.copy === undefined) throw',
    testFile: 'postgres/copy.test.ts',
    testName: 'a register that is moved into a database and back is the same in the end',
  },
  {
    breaks: 'data keys are encrypted with the master key of the copy',
    file: 'store/copy/data-keys.ts',
    right: 'const row = { wrapped: to.masterKey.wrap(appid, key) };',
    wrong: 'const row = { wrapped };',
    testFile: 'postgres/copy.test.ts',
    testName: 'a key stays encrypted in each place with the master key of that place, and a wrong place is refused',
  },
  {
    breaks: 'a part of a copy is not used',
    file: 'store/stores.ts',
    right: '  await refuseUnused(database.writer);\n',
    wrong: '',
    testFile,
    testName: 'a copy that is killed at any point goes on, and the copy cannot be used before it is whole',
  },
];
