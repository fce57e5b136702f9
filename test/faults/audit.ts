import type { Fault } from './fault.ts';

const suite = { testFile: 'store/audit.test.ts' };
const nothing = 'SQLite: what is undone, or changes nothing, has no line';
const every = 'SQLite: every change has one line, which says who made it, by what call, and what it touched';
const erased =
  'SQLite: of an erased person no plain id is left in the audit, and its lines are found by who names the id';
const operators = 'SQLite: keys that are added and revoked, and appids that end, are told of with who did it';
const cutOff = 'SQLite: a chain that was cut off, or replaced, is found out by who noted its end';
const pruned = 'SQLite: pruned lines leave a sealed stump, from which the rest is checked';
const tampered = 'SQLite: whoever changes a line is found out, and the first broken one named';

/** Faults in the lines of the audit, and in how they are checked. */
export const audit: readonly Fault[] = [
  {
    breaks: 'what changed nothing is not told of',
    file: 'store/registry.ts',
    right: '!touched.isEmpty &&',
    wrong: '',
    ...suite,
    testName: nothing,
  },
  {
    breaks: 'a change is told of with who made it',
    file: 'store/registry.ts',
    right: 'call?.act() ?? currentAct()',
    wrong: 'currentAct()',
    ...suite,
    testName: every,
  },
  {
    breaks: 'a change and its line are of one transaction',
    file: 'store/registry.ts',
    right: 'audit.record(db, this.#appid, await end, touched',
    wrong: 'audit.record(db, this.#appid, await end, new Touched()',
    ...suite,
    testName: every,
  },
  {
    breaks: 'a setinfo that was given nothing to set is no change',
    file: 'store/registry.ts',
    right: 'isThere && (change.name !== undefined || change.tag !== undefined)',
    wrong: 'isThere',
    ...suite,
    testName: nothing,
  },
  {
    breaks: 'groups that a person was in already were not touched',
    file: 'store/registry.ts',
    right: "'joined' in outcome && outcome.joined > 0",
    wrong: "'joined' in outcome",
    ...suite,
    testName: nothing,
  },
  {
    breaks: 'the plain id of who is erased leaves the audit',
    file: 'store/audit/trail.ts',
    right: 'erased.length > 0 && deleteIds(db, { appid, list: JSON.stringify(erased) })',
    wrong: 'false',
    ...suite,
    testName: erased,
  },
  {
    breaks: 'the plain id of a group that ended with its last member leaves the audit',
    file: 'store/audit/trail.ts',
    right: 'left.length > 0 && deleteEndedGroups(db, { appid, list: JSON.stringify(left) })',
    wrong: 'false',
    ...suite,
    testName: erased,
  },
  {
    breaks: 'the id of a group that goes on is still told',
    file: 'store/audit/trail.ts',
    right: ".whereRef('groups.group_id', '=', 'audit_ids.id')",
    wrong: ".where('groups.group_id', '=', '')",
    ...suite,
    testName: 'SQLite: a group that goes on is still told by its id, and one that ended is not',
  },
  {
    breaks: 'the faces of an erased person can be told by their ids, and their plain ids go',
    file: 'store/registry.ts',
    right: 'touched.erase(personId, erased.faceIds, erased.groupIds)',
    wrong: 'touched.erase(personId, [], erased.groupIds)',
    ...suite,
    testName: erased,
  },
  {
    breaks: 'a person and a face of one id are not taken for each other',
    file: 'store/audit/hash.ts',
    right: String.raw`[kind, id].join('\n')`,
    wrong: 'id',
    ...suite,
    testName: 'SQLite: one id has another digest as a person, a face and a group, and in another appid',
  },
  {
    breaks: 'an appid that is being ended gets no new data key by being told of',
    file: 'store/audit/trail.ts',
    right: 'touched.isErasure ? undefined : this.#dataKeys.ensure(db, appid)',
    wrong: 'this.#dataKeys.ensure(db, appid)',
    ...suite,
    testName: operators,
  },
  {
    breaks: 'of an appid that was ended no plain id stays in the audit',
    file: 'store/tenants.ts',
    right: '  while (await forgetSomeIds(transactions, appid));\n',
    wrong: '',
    ...suite,
    testName: operators,
  },
  {
    breaks: 'a key that was not added is not told of as added',
    file: 'store/keyring.ts',
    right: `      await this.#audit.note(db, appid, { action: 'keys add', detail: { secret_id: secretId, buckets } });\n`,
    wrong: '',
    ...suite,
    testName: operators,
  },
  {
    breaks: 'a line that was taken out is found out',
    file: 'store/audit/verify.ts',
    right: "if (row.sequence !== last.sequence + 1) return 'lines before it are gone';",
    wrong: '',
    ...suite,
    testName: tampered,
  },
  {
    breaks: 'a line whose actor was changed is found out',
    file: 'store/audit/hash.ts',
    right: '      kind,\n      actor,\n      action,',
    wrong: '      kind,\n      action,',
    ...suite,
    testName: tampered,
  },
  {
    breaks: 'lines that somebody without the master key took out are not taken for pruned ones',
    file: 'store/audit/verify.ts',
    right: 'row.detail === hasher.seal(row) ?',
    wrong: 'row.detail !== "" ?',
    ...suite,
    testName: tampered,
  },
  {
    breaks: 'a chain whose end was cut off is found out',
    file: 'store/audit/verify.ts',
    right: 'anchor !== undefined && anchor.sequence > last.sequence',
    wrong: 'false',
    ...suite,
    testName: cutOff,
  },
  {
    breaks: 'a chain that is gone is found out',
    file: 'store/audit/verify.ts',
    right: 'of missing.values()',
    wrong: 'of []',
    ...suite,
    testName: cutOff,
  },
  {
    breaks: 'what is left of a pruned line says nothing of who and what',
    file: 'store/audit/prune.ts',
    right: "ids: '', detail",
    wrong: 'detail',
    ...suite,
    testName: pruned,
  },
  {
    breaks: 'a line that is not old enough stays, though an older one follows it',
    file: 'store/audit/prune.ts',
    right: 'rows.findIndex(({ at }) => at >= before)',
    wrong: 'rows.findLastIndex(({ at }) => at < before) + 1 || -1',
    ...suite,
    testName: 'SQLite: lines are pruned up to the first young one, however many there are, and again later',
  },
  {
    breaks: 'of a secret setting the audit tells nothing but that it changed',
    file: 'store/audit/settings.ts',
    right: 'value: isSecret ? hasher.tell(value) : value',
    wrong: 'value',
    ...suite,
    testName:
      'SQLite: settings are told of where they differ from those of the last start; of secret ones only that they do',
  },
];
