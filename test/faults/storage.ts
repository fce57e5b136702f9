import type { Fault } from './fault.ts';

/** Faults in what goes on when the disk is full. */
const fullDisk = {
  testFile: 'store/full-disk.disk.test.ts',
  testName: 'persons are erased on a full disk, although somebody else takes all the room that is given up for it',
};
const full: readonly Fault[] = [
  {
    ...fullDisk,
    breaks: 'the log of a full disk keeps its room once it is emptied',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: 'keep: () => this.#holdLog(),',
    wrong: 'keep: () => {},',
  },
  {
    ...fullDisk,
    breaks: 'the reserve becomes room of the log before others take it',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: '    this.#isToMakeRoom = false;\n    this.#eraser.erase();',
    wrong: '',
  },
];

/** Faults in what calls write. */
const calls: readonly Fault[] = [
  {
    breaks: 'a call is counted while somebody writes to a registry',
    file: 'store/stores.ts',
    right: 'new Transactions(database.calls, timeoutMs)',
    wrong: 'new Transactions(database as never as typeof database.calls, timeoutMs)',
    testFile: 'store/calls.test.ts',
    testName: 'calls are counted and signatures spent while a registry is written',
  },
  {
    breaks: 'a tenant that writes without a pause does not keep others from their turn',
    file: 'store/access.ts',
    right: 'return transactions.run(run, this.#appid);',
    wrong: 'return transactions.run(run);',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a registry that is written without a pause does not keep others from their turn',
  },
  {
    breaks: 'a tenant that spends signatures without a pause does not keep others from their turn',
    file: 'store/spent-signatures.ts',
    right: '    }, appid);',
    wrong: '    });',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: an appid that spends signatures without a pause does not keep others from their turn',
  },
  {
    breaks: 'a signature that is still good cannot be used twice',
    file: 'store/spent-signatures.ts',
    right: `.where('spent_at', '<', before)`,
    wrong: `.where('spent_at', '<=', before)`,
    testFile: 'store/calls.test.ts',
    testName: 'a spent signature is remembered for 91 days, and forgotten when another is spent after them',
  },
  {
    breaks: 'spent signatures do not fill the disk in the end',
    file: 'store/spent-signatures.ts',
    right: 'await forget(db, appid, now - rememberedSeconds);',
    wrong: '',
    testFile: 'store/calls.test.ts',
    testName: 'a spent signature is remembered for 91 days, and forgotten when another is spent after them',
  },
  {
    breaks: 'what was counted before an update is on the bill after it',
    file: 'store/migrations/0004-calls-apart.ts',
    right: 'await copyUsage(db, trx);',
    wrong: '',
    testFile: 'store/calls.test.ts',
    testName: 'what an older version counted and spent comes along, once, even if moving it was interrupted',
  },
  {
    breaks: 'a signature that was spent before an update cannot be used again after it',
    file: 'store/migrations/0004-calls-apart.ts',
    right: 'last = rows.at(-1);',
    wrong: 'last = undefined;',
    testFile: 'store/calls.test.ts',
    testName: 'what an older version counted and spent comes along, once, even if moving it was interrupted',
  },
  {
    breaks: 'two transactions never have the connection at once',
    file: 'store/dialects/sqlite/writer.ts',
    right: '    await before;\n',
    wrong: '',
    testFile: 'store/writer.test.ts',
    testName: 'two transactions never have the connection at once',
  },
  {
    breaks: 'a statement is never written without the others of its transaction',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: "        if (work.within && !this.#connection.isTransaction) throw new Error('no transaction is open');\n",
    wrong: '',
    testFile: 'store/writer-thread.test.ts',
    testName:
      'what was sent for a transaction that is not open, since it could not begin or SQLite ended it, is not written',
  },
];

/** Faults in how lists of ids are read. */
const idLists: readonly Fault[] = [
  {
    breaks: 'a long list does not keep the main thread from answering others',
    file: 'store/access.ts',
    right: 'return await queries(reader, listMax);',
    wrong: 'return await queries(reader);',
    testFile: 'store/id-lists.test.ts',
    testName: 'a list is the JSON that JSON.stringify makes, whatever characters ids hold, wherever it is read',
  },
  {
    breaks: 'a list that is longer than one that is read at once is whole',
    file: 'store/id-lists.ts',
    right: 'if (row[name] === null) throw new LongList();',
    wrong: ';',
    testFile: 'store/id-lists.test.ts',
    testName: 'a list is the JSON that JSON.stringify makes, whatever characters ids hold, wherever it is read',
  },
];

/** Faults in what goes on when the disk is full, somebody else holds the lock, or the file is gone. */
const troubles: readonly Fault[] = [
  {
    breaks: 'on a full disk no registration takes the room that was given up for counts',
    file: 'store/dialects/sqlite/database.ts',
    right: `    for (const thread of threads) thread.perform({ kind: 'setFull' }).catch(() => {});\n`,
    wrong: '',
    testFile: 'store/full-disk.disk.test.ts',
    testName: 'every call is counted on a full disk, whoever else takes what is given up for it',
  },
  {
    breaks: 'nothing is written to a file that was moved away, where it would be lost',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: '  #begin(): SqlResult {\n    this.#place.check();\n',
    wrong: '  #begin(): SqlResult {\n',
    testFile: 'store/moved-file.test.ts',
    testName: 'while the file is away nothing is written, what is open is read, and all goes on when it is back',
  },
  {
    breaks: 'nobody is told what stands in another file that was put in the place of the register',
    file: 'store/dialects/sqlite/reader.ts',
    right: '    this.#place.check();\n',
    wrong: '',
    testFile: 'store/moved-file.test.ts',
    testName: 'a file in the place of the one that is open is neither written nor read',
  },
  {
    breaks: 'while another process holds the lock, calls are refused at once',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: 'this.#isLocked ? 0 : this.#options.busyTimeoutMs',
    wrong: 'this.#options.busyTimeoutMs',
    testFile: 'store/failures.disk.test.ts',
    testName: 'a write that another process locks out for too long fails, and harms neither reads nor later writes',
  },
  {
    breaks: 'readiness tells that another process holds the lock',
    file: 'store/dialects/sqlite/database.ts',
    right: '      await writer.transaction().execute(async () => {});\n',
    wrong: '',
    testFile: 'store/failures.disk.test.ts',
    testName: 'a write that another process locks out for too long fails, and harms neither reads nor later writes',
  },
];

/** Faults in how a register is examined, and in the room that is kept for deletions. */
const examined: readonly Fault[] = [
  {
    breaks: 'who is erased while a register is examined is not taken for damaged',
    file: 'store/check-values.ts',
    right: 'if (fault === undefined || fault instanceof MissingRowError) continue;',
    wrong: 'if (fault === undefined) continue;',
    testFile: 'store/check-values.test.ts',
    testName: 'a row that is erased while it is looked at is not damaged',
  },
  {
    breaks: 'a page that cannot be read costs the rows on it, and not those that are read with them',
    file: 'store/check-values.ts',
    right: 'await tried(() => select(part, after, false)) : rows',
    wrong: 'await tried(() => select(part, after, true)) : rows',
    testFile: 'store/check-values.test.ts',
    testName: 'rows that cannot be read together are read one by one',
  },
  {
    breaks: 'an inspection leaves no file open',
    file: 'store/inspect.ts',
    right: '  opening.defer(() => db.destroy());\n',
    wrong: '',
    testFile: 'store/inspect.test.ts',
    testName: 'nothing stays open after an inspection, nor after one that was refused',
  },
  {
    breaks: 'a full disk is looked at again, although writes go on to find it full',
    file: 'store/dialects/sqlite/disk-reserve.ts',
    right: 'if (this.#bytes === 0 || this.#isFull) return false;',
    wrong: 'if (this.#bytes === 0) return false;',
    testFile: 'store/disk-reserve.disk.test.ts',
    testName: 'a disk that was full is looked at again a second later, however often it was found full meanwhile',
  },
  {
    breaks: 'a call that was under way when an appid ended leaves no data key',
    file: 'store/tenants.ts',
    right: `  // A call that was under way when the appid ended may have written once more.
  await transactions.run(async (trx) => {
    await trx.deleteFrom('data_keys').where('appid', '=', appid).execute();`,
    wrong: '  await transactions.run(async (trx) => {',
    testFile: 'store/encryption.disk.test.ts',
    testName: 'who is registered while an appid ends is erased as well, with the data key that this made',
  },
];

/** Faults in what calls write, in long lists, in what goes on when storage fails or is full, and in how it is examined. */
export const storage: readonly Fault[] = [...full, ...calls, ...idLists, ...troubles, ...examined];
