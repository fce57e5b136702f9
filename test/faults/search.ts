import type { Fault } from './fault.ts';

const limits = 'search/limits.test.ts';
const sharing = 'search/sharing.test.ts';

/** Faults in what a full index refuses. */
const room: readonly Fault[] = [
  {
    breaks: 'a full index refuses faces instead of writing beyond its memory',
    file: 'search/need.ts',
    right: '      person.hasFaces = true;\n',
    wrong: '      person.hasFaces = true;\n      continue;\n',
    testFile: limits,
    testName: 'an index full of faces refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'changes that are refused because the index is full leave nothing behind',
    file: 'search/gallery-state.ts',
    right: `    if (!this.#fits(changes)) throw new RangeError('the index is full');
    for (const change of changes) this.#make(change);`,
    wrong: `    for (const change of changes) {
      if (!this.#fits([change])) throw new RangeError('the index is full');
      this.#make(change);
    }`,
    testFile: limits,
    testName: 'an index full of faces refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'an index full of persons refuses more of them',
    file: 'search/gallery-state.ts',
    right: ' && need.persons <= left.persons',
    wrong: '',
    testFile: limits,
    testName: 'an index full of persons refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'an index full of persons refuses faces of new ones, too',
    file: 'search/gallery-state.ts',
    right: 'Math.min(left.blocks, left.persons)',
    wrong: 'left.blocks',
    testFile: limits,
    testName: 'however full an index is, changes are made whole or refused whole, and no limit is passed',
  },
  {
    breaks: 'an index full of memberships refuses more of them',
    file: 'search/gallery-state.ts',
    right: ' && need.stays <= left.stays',
    wrong: '',
    testFile: limits,
    testName: 'an index full of memberships refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'faces that move with their person into another group do not pass the limit',
    file: 'search/need.ts',
    right: '    if (person.hasFaces) blocks += 1;\n',
    wrong: '',
    testFile: limits,
    testName: 'a person who moves to a larger group with all faces needs room there first',
  },
  {
    breaks: 'what a removal frees is used again',
    file: 'search/shared-column.ts',
    right: 'this.#free.push(number);',
    wrong: '',
    testFile: limits,
    testName: 'an index full of persons refuses more, keeps what it has, and takes more after a removal',
  },
];

/** Faults in how scans are numbered. */
const numbering: readonly Fault[] = [
  {
    breaks: 'a person whom a scan of the same number marked long ago is still found',
    file: 'search/scan-ids.ts',
    right: '      this.#marks.view.fill(0);\n',
    wrong: '',
    testFile: limits,
    testName: 'a scan finds everybody, though scans long ago had the same number',
  },
  {
    breaks: 'no scan has the number 0, by which those are marked whom none has seen',
    file: 'search/scan-ids.ts',
    right: 'return ++this.#last;',
    wrong: 'return this.#last++;',
    testFile: limits,
    testName: 'a scan finds everybody, though scans long ago had the same number',
  },
];

/** Faults in what searches share that wait together. */
const shared: readonly Fault[] = [
  {
    breaks: 'no tenant is answered with the persons of another',
    file: 'search/pool.ts',
    right: '    one.target === other.target &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches of two tenants that wait together are each answered with their own persons',
  },
  {
    breaks: 'a search gets a list as long as it asked for, whoever else asks',
    file: 'search/pool.ts',
    right: '    one.count === other.count &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that wait together get lists as long as each asked for',
  },
  {
    breaks: 'a search looks into all of its groups, though another one looks into some of them',
    file: 'search/pool.ts',
    right: '    one.groupIds.length === other.groupIds.length &&\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that wait together look into the groups that each asked for',
  },
  {
    breaks: 'a search looks into its own groups, though another one looks into as many',
    file: 'search/pool.ts',
    right: 'one.groupIds.every((id, i) => id === other.groupIds[i])',
    wrong: 'true',
    testFile: sharing,
    testName: 'searches that wait together look into the groups that each asked for',
  },
  {
    breaks: 'a shared scan does not go past its room',
    file: 'search/pool.ts',
    right: ' && hasRoom(job, probes.length)',
    wrong: '',
    testFile: sharing,
    testName: 'a scan is shared by searches of sixteen probes at most, however many wait',
  },
  {
    breaks: 'the probes of the search that comes count for the room of a scan, too',
    file: 'search/pool.ts',
    right: 'sum + ask.probes.length, probes)',
    wrong: 'sum + ask.probes.length, 0)',
    testFile: sharing,
    testName: 'a scan is shared by searches of sixteen probes at most, however many wait',
  },
  {
    breaks: 'each of the searches that share a scan gets its own lists',
    file: 'search/pool.ts',
    right: '    from += probes.length;\n',
    wrong: '',
    testFile: sharing,
    testName: 'searches that share a scan get the lists of their own probes, in order',
  },
  {
    breaks: 'a search that comes while a scan waits for more threads is answered',
    file: 'search/pool.ts',
    right: 'job.isNew && isAlike',
    wrong: 'isAlike',
    testFile: sharing,
    testName: 'a search is not added to a scan that has begun',
  },
];

/** Faults in search. */
export const search: readonly Fault[] = [...room, ...numbering, ...shared];
