import type { Fault } from './fault.ts';

/** Faults in how calls are counted. */
const ledger: readonly Fault[] = [
  {
    breaks: 'a call that comes while counts are being written is counted, and not only answered',
    file: 'store/ledger.ts',
    right: `      this.#gathering = undefined;
      return this.#transactions.commit(counts.rows().map((row) => addCalls(this.#reader, row)));`,
    wrong: `      return this.#transactions.commit(counts.rows().map((row) => addCalls(this.#reader, row))).finally(() => {
        this.#gathering = undefined;
      });`,
    testFile: 'store/ledger.test.ts',
    testName: 'a call that comes while others are being written is counted before it is answered',
  },
  {
    breaks: 'a call is answered only when its count is durable',
    file: 'store/ledger.ts',
    right: 'await this.#gathering.durable;',
    wrong: '',
    testFile: 'store/ledger.test.ts',
    testName: 'a call is answered only when its count is durable',
  },
  {
    breaks: 'a commit that failed once does not stop all later counts',
    file: 'store/ledger.ts',
    right: 'this.#lastCommit = durable.catch(() => {});',
    wrong: 'this.#lastCommit = durable;',
    testFile: 'store/ledger.test.ts',
    testName: 'a commit that fails is told to the callers of its counts, and to nobody after them',
  },
  {
    breaks: 'a call whose count could not be written is not answered as counted',
    file: 'store/ledger.ts',
    right: 'await this.#gathering.durable;',
    wrong: 'await this.#lastCommit;',
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
];

/** Faults in how changes are written down, read and forgotten. */
const changes: readonly Fault[] = [
  {
    breaks: 'an appid may have as many groups as its limit says, whatever it began with',
    file: 'store/changes.ts',
    right: 'groups: 0, changes,',
    wrong: 'groups: 1, changes,',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: a registry that begins with a face has room for as many groups as any other',
  },
  {
    breaks: 'a follower that is slower than another cannot have the feed remember less than it forgot',
    file: 'store/changes.ts',
    right: `    .where('forgotten', '<', position)\n`,
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what one follower has forgotten, a slower one does not bring back',
  },
  {
    breaks: 'a feed that is told to forget more than there is does not have every index built anew for ever',
    file: 'store/changes.ts',
    right: `    .where('changes', '>=', position)\n`,
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: changes that are yet to come cannot be forgotten',
  },
  {
    breaks: 'an index that missed changes that are forgotten is told so',
    file: 'store/changes.ts',
    right: 'position < head.forgotten || ',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a change that is forgotten is never missed unknowingly, and its number never comes again',
  },
  {
    breaks: 'an index that knows more changes than a database that was put back in time is told so',
    file: 'store/changes.ts',
    right: ' || position > head.changes',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a change that is forgotten is never missed unknowingly, and its number never comes again',
  },
  {
    breaks: 'an index that has seen all that was forgotten need not be built anew',
    file: 'store/changes.ts',
    right: 'position < head.forgotten',
    wrong: 'position <= head.forgotten',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what one follower has forgotten, a slower one does not bring back',
  },
  {
    breaks: 'one appid does not forget the changes of others',
    file: 'store/changes.ts',
    right: `deleteFrom('changes').where('appid', '=', appid)`,
    wrong: `deleteFrom('changes')`,
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: changes after the position that is forgotten stay, and so do those of others',
  },
  {
    breaks: 'changes that are forgotten while they are read are not missing from what is read',
    file: 'store/registry-feed.ts',
    right:
      '    return this.#access.read((inner) => inner.query((db) => changes.since(this.#scope(db), position, model)));',
    wrong: '    return this.#query((scope) => changes.since(scope, position, model));',
    testFile: 'store/changes.test.ts',
    testName: 'changes that are forgotten while they are read are still all read',
  },
  {
    breaks: 'the ids of who was erased leave the disk when their changes are forgotten',
    file: 'store/changes.ts',
    right: `  await db.deleteFrom('changes').where('appid', '=', appid).where('sequence', '<=', forgotten).execute();\n`,
    wrong: '',
    testFile: 'store/erasure.disk.test.ts',
    testName: 'no id of who was erased stays on the disk once the change is forgotten',
  },
  {
    breaks: 'ids of who was erased are in no file after a stop',
    file: 'store/dialects/sqlite/writer-thread.ts',
    right: 'if (!this.#connection.isTransaction) this.#tidy();',
    wrong: '',
    testFile: 'store/erasure.disk.test.ts',
    testName: 'whatever was erased is in no file once the stores are closed, however many come and go',
  },
  {
    breaks: 'ids of who was erased are in no file once the server has started after a crash',
    file: 'store/open.ts',
    right: '  await database.forgetChanges();\n',
    wrong: '',
    testFile: 'store/erasure.disk.test.ts',
    testName: 'what a process erased just before it died leaves the disk when the next one opens the file',
  },
  {
    breaks: 'a command that ends does not make a running server build its index anew',
    file: 'store/dialects/sqlite/alone.ts',
    right: `    connection.run('pragma journal_mode = delete');\n`,
    wrong: '',
    testFile: 'store/erasure.disk.test.ts',
    testName: 'a process that follows the changes is not robbed of them when another closes the stores',
  },
  {
    breaks: 'changes beyond those of one transaction are forgotten, too',
    file: 'store/registry-feed.ts',
    right: 'while (await this.#access.change((db) => changes.prune(this.#scope(db), upTo)));',
    wrong: 'await this.#access.change((db) => changes.prune(this.#scope(db), upTo));',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: however many changes are forgotten at once, all of them are, and none after them',
  },
];

/** Faults in how persons join and leave groups. */
const groups: readonly Fault[] = [
  {
    breaks: 'nobody joins a group that is full',
    file: 'store/groups.ts',
    right: 'if (refusal !== undefined) return refusal;',
    wrong: '',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: limits hold however many come at once',
  },
  {
    breaks: 'of two limits that keep a person out, the one of the earlier group is told',
    file: 'store/groups.ts',
    right: 'full.key < beyond.key',
    wrong: 'full.key > beyond.key',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: the first group that has no room is told, and none of the groups is joined',
  },
  {
    breaks: 'groups are listed in the order of creation, those too that were made together',
    file: 'store/groups.ts',
    right: "eb(last, '+', eb.ref('key')).as('ordinal')",
    wrong: "eb(last, '-', eb.ref('key')).as('ordinal')",
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: thousands of groups are joined, followed and left as one is',
  },
  {
    breaks: 'a person who leaves groups and joins others does not use up the limit on groups',
    file: 'store/groups.ts',
    right: 'if (ended > 0) await decrementGroups(db, { appid, groups: ended });',
    wrong: '',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: a group that ends makes room for another',
  },
];

const counted = 'SQLite: a call is counted with what it writes, once, and told of it when both are durable';

/** Faults in how calls are counted with what they write. */
const writes: readonly Fault[] = [
  {
    breaks: 'a call that writes is counted if what it wrote is there after a crash, and only then',
    file: 'store/registry.ts',
    right: 'await inner.change((db) => countWrite(db, countOf(call.call())));',
    wrong: '',
    testFile: 'store/processes.disk.test.ts',
    testName: 'a registration that was answered survives SIGKILL, and one that was not is whole or absent',
  },
  {
    breaks: 'a call that is counted with what it wrote is not counted again',
    file: 'store/registry.ts',
    right: 'if (hasChanged) call?.counted();',
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
    file: 'store/registry.ts',
    right: 'if (hasChanged && call !== undefined)',
    wrong: 'if (call !== undefined)',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a call whose write is undone, or that asks for no change, is not counted with it',
  },
  {
    breaks: 'a call that writes within a write is counted with it',
    file: 'store/registry.ts',
    right: `        hasChanged = true;
        onChange?.();`,
    wrong: '        hasChanged = true;',
    testFile: 'store/sqlite.test.ts',
    testName: counted,
  },
  {
    breaks: 'an invoice tells of the calls that wrote nothing, too',
    file: 'store/usage.ts',
    right: 'sumOf(row, sums.get(key))',
    wrong: 'row',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a report adds up the calls that wrote and those that did not, in order',
  },
  {
    breaks: 'who erases somebody from a full disk is not refused since the call is counted',
    file: 'store/dialects/sqlite/writer.ts',
    right: "  'usage_of_writes',\n",
    wrong: '',
    testFile: 'store/full-disk.disk.test.ts',
    testName: 'on a full disk persons are erased, groups left and calls counted, and nobody is registered',
  },
];

/** Faults in what is kept of keys in memory. */
const keyring: readonly Fault[] = [
  {
    breaks: 'a key that is revoked by another process opens nothing from that moment on',
    file: 'store/keyring.ts',
    right: 'if (version !== this.#version) {',
    wrong: 'if (this.#version === undefined) {',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: whatever is kept of keys ends at once with the key, the bucket or the appid',
  },
  {
    breaks: 'a key that is revoked while it is read is not kept as a good one',
    file: 'store/keyring.ts',
    right: 'found !== undefined && version === this.#version',
    wrong: 'found !== undefined',
    testFile: 'store/keyring.test.ts',
    testName: 'a key that was read before it was revoked is not kept for those who ask after it',
  },
  {
    breaks: 'the keys of those who call are not read from the database for each call',
    file: 'store/keyring.ts',
    right: '    if (known !== undefined) return known;\n    const found',
    wrong: '    const found',
    testFile: 'store/keyring.test.ts',
    testName: 'keys are read once for all calls between two writes',
  },
];

/** Faults in what is kept of registries. */
export const store: readonly Fault[] = [...ledger, ...changes, ...groups, ...writes, ...keyring];
