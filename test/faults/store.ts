import type { Fault } from './fault.ts';

/** Faults in how changes are written down, read and forgotten. */
const changes: readonly Fault[] = [
  {
    breaks: 'an appid may have as many groups as its limit says, whatever it began with',
    file: 'store/growth.ts',
    right: '      groups: 0,\n      changes: of.changes,',
    wrong: '      groups: 1,\n      changes: of.changes,',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: a registry that begins with a face has room for as many groups as any other',
  },
  {
    breaks: 'a follower that is slower than another cannot have the feed remember less than it forgot',
    file: 'store/feed/prune.ts',
    right: `    .where('forgotten', '<', position)\n`,
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what one follower has forgotten, a slower one does not bring back',
  },
  {
    breaks: 'a feed that is told to forget more than there is does not have every index built anew for ever',
    file: 'store/feed/prune.ts',
    right: `    .where('changes', '>=', position)\n`,
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: changes that are yet to come cannot be forgotten',
  },
  {
    breaks: 'an index that missed changes that are forgotten is told so',
    file: 'store/feed/read.ts',
    right: 'position < row.forgotten || ',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a change that is forgotten is never missed unknowingly, and its number never comes again',
  },
  {
    breaks: 'an index that knows more changes than a database that was put back in time is told so',
    file: 'store/feed/read.ts',
    right: ' || position > row.last',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a change that is forgotten is never missed unknowingly, and its number never comes again',
  },
  {
    breaks: 'an index that has seen all that was forgotten need not be built anew',
    file: 'store/feed/read.ts',
    right: 'position < row.forgotten',
    wrong: 'position <= row.forgotten',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: what one follower has forgotten, a slower one does not bring back',
  },
  {
    breaks: 'one appid does not forget the changes of others',
    file: 'store/feed/prune.ts',
    right: `deleteFrom('changes').where('appid', '=', appid)`,
    wrong: `deleteFrom('changes')`,
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: changes after the position that is forgotten stay, and so do those of others',
  },
  {
    breaks: 'changes that are forgotten between two batches are not passed over',
    file: 'store/feed/read.ts',
    right: '  if (position < row.forgotten || position > row.last) return undefined;\n',
    wrong: '',
    testFile: 'store/changes.test.ts',
    testName: 'changes that are forgotten between two batches are told, not passed over',
  },
  {
    breaks: 'the ids of who was erased leave the disk when their changes are forgotten',
    file: 'store/feed/prune.ts',
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
    file: 'store/stores.ts',
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
    right: 'while (await this.#access.change((db) => prune(this.#scope(db), upTo)));',
    wrong: 'await this.#access.change((db) => prune(this.#scope(db), upTo));',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: however many changes are forgotten at once, all of them are, and none after them',
  },
];

/** Faults in how persons join and leave groups. */
const groups: readonly Fault[] = [
  {
    breaks: 'nobody joins a group that is full',
    file: 'store/join-groups.ts',
    right: '  return refusal ?? { joined: await join(scope, { personId, groupIds, limits }) };',
    wrong: '  return { joined: await join(scope, { personId, groupIds, limits }) };',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: limits hold however many come at once',
  },
  {
    breaks: 'of two limits that keep a person out, the one of the earlier group is told',
    file: 'store/join-groups.ts',
    right: 'full.key < beyond.key',
    wrong: 'full.key > beyond.key',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: the first group that has no room is told, and none of the groups is joined',
  },
  {
    breaks: 'groups are listed in the order of creation, those too that were made together',
    file: 'store/join-groups.ts',
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

/** Faults in how a person is registered as a whole. */
const registrations: readonly Fault[] = [
  {
    breaks: 'of a registration that is refused nothing stays, whatever is done about the refusal',
    file: 'store/registry-transactions.ts',
    right: '      if (changes.isRefused) throw new Undone(result);\n',
    wrong: '',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: a registration that is refused undoes its transaction, whatever the work makes of it',
  },
  {
    breaks: 'a limit of an appid is told and not taken for a fault',
    file: 'store/registry-transactions.ts',
    right: '          if (growth.isLimited) await counting;\n',
    wrong: '',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: an appid may keep as much as its limits say, and no more: all of the write is undone',
  },
  {
    breaks: 'changes are followed in the order in which they were asked for',
    file: 'store/feed/record.ts',
    right: 'later: last - i',
    wrong: 'later: i',
    testFile: 'store/sqlite-registry.test.ts',
    testName: 'SQLite: a registration is followed as its memberships, then its face',
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
    testName: 'keys are read once for all calls until one of them, an appid or a bucket is changed',
  },
  {
    breaks: 'whether a key was changed is read again after each write, whoever made it',
    file: 'store/dialects/sqlite/key-changes.ts',
    right: 'if (dataVersion === this.#dataVersion)',
    wrong: 'if (this.#dataVersion !== -1)',
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: whatever is kept of keys ends at once with the key, the bucket or the appid',
  },
  {
    breaks: 'who registers persons has no keys read for each of them',
    file: 'store/dialects/sqlite/key-changes.ts',
    right: '    return this.#changes;\n  }\n\n  close',
    wrong: '    return dataVersion;\n  }\n\n  close',
    testFile: 'store/keyring.test.ts',
    testName: 'keys are read once for all calls until one of them, an appid or a bucket is changed',
  },
];

/** Faults in what is kept of registries. */
export const store: readonly Fault[] = [...changes, ...groups, ...registrations, ...keyring];
