import type { Fault } from './fault.ts';
import { betweenSlices } from './search-scans.ts';
import { searchWaits } from './search-waits.ts';

const limits = 'search/limits.test.ts';

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
    right: `    if (!this.#fits(changes)) throw new IndexFull();
    for (let i = 0; i < changes.length; i++) this.#make(changes[i]!, faceIds[i]!);`,
    wrong: `    for (let i = 0; i < changes.length; i++) {
      if (!this.#fits([changes[i]!])) throw new IndexFull();
      this.#make(changes[i]!, faceIds[i]!);
    }`,
    testFile: limits,
    testName: 'an index full of faces refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'a face id that the index would answer in another spelling is refused',
    file: 'search/gallery-state.ts',
    right: 'decimal.test(change.faceId) ? BigInt(change.faceId) : undefined',
    wrong: 'BigInt(change.faceId)',
    testFile: 'search/gallery.test.ts',
    testName: 'a refused change leaves everything as it was',
  },
  {
    breaks: 'an index full of persons refuses more of them',
    file: 'search/room.ts',
    right: 'need[kind] > ids.left + spare[kind]',
    wrong: "kind !== 'persons' && need[kind] > ids.left + spare[kind]",
    testFile: limits,
    testName: 'an index full of persons refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'an index full of persons refuses faces of new ones, too',
    file: 'search/gallery-state.ts',
    right: 'persons: changes.length, secondaries: 0',
    wrong: 'persons: 0, secondaries: 0',
    testFile: limits,
    testName: 'however full an index is, changes are made whole or refused whole, and no limit is passed',
  },
  {
    breaks: 'an index full of memberships refuses more of them',
    file: 'search/room.ts',
    right: 'need[kind] > ids.left + spare[kind]',
    wrong: "kind !== 'secondaries' && need[kind] > ids.left + spare[kind]",
    testFile: limits,
    testName: 'an index full of memberships refuses more, keeps what it has, and takes more after a removal',
  },
  {
    breaks: 'galleries that were dropped take no memory',
    file: 'search/hash-index.ts',
    right: '    if (this.#counts[index] === 0) this.#tables[index] = undefined;\n',
    wrong: '',
    testFile: 'search/hash-index.test.ts',
    testName: 'an index that was emptied takes no memory, and can be filled again',
  },
  {
    breaks: 'an index takes no more memory than its budget',
    file: 'search/room.ts',
    right: 'return bytes <= supply.bytesMax();',
    wrong: 'return true;',
    testFile: limits,
    testName: 'an index takes no more memory than its budget, and what is given back is used again',
  },
  {
    breaks: 'memory that was given back is used before more is taken',
    file: 'search/room.ts',
    right: 'need[kind] - ids.spare - spare[kind]',
    wrong: 'need[kind]',
    testFile: limits,
    testName: 'an index takes no more memory than its budget, and what is given back is used again',
  },
  {
    breaks: 'an index whose persons have gone does not take their memory for faces as well',
    file: 'search/room.ts',
    right: '(ids.last + fresh)',
    wrong: '(ids.inUse + fresh)',
    testFile: limits,
    testName: 'memory that persons have taken is not promised to faces a second time',
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
    breaks: 'groups that a new person joins at once do not pass the limit of memberships',
    file: 'search/need.ts',
    right: '    persons.set(change.personId, person);\n',
    wrong: '',
    testFile: limits,
    testName: 'what changes of one person take is counted together',
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

/** Faults in how a thread goes through its rows. */
const batches: readonly Fault[] = [
  {
    breaks: 'the second of two probes is answered from every batch of rows',
    file: 'search/scan.ts',
    right: 'this.#scores.byteOffset + scoresFrom * 4, count',
    wrong: 'this.#scores.byteOffset - scoresFrom * 4, count',
    testFile: 'search/scan.test.ts',
    testName: 'every probe is answered from every batch of rows, side by side or not',
  },
  {
    breaks: 'a vector whose last elements make it too long is refused',
    file: 'search/scan.ts',
    right: 'for (let i = whole; i < vector.length; i++) a +=',
    wrong: 'for (let i = whole; i < vector.length - 1; i++) a +=',
    testFile: 'search/scan.test.ts',
    testName: 'a vector is of length 1 within a thousandth, whatever element makes it longer',
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

/** Faults in search. */
export const search: readonly Fault[] = [...room, ...batches, ...numbering, ...betweenSlices, ...searchWaits];
