import type { Mutant, MutatedFile } from './mutants.ts';

/** A mutant that no test should notice, since nobody who uses the product would. */
export interface Harmless {
  /** The file. */
  readonly file: string;
  /** Text that stands in the file exactly once, with the mutated place in it. */
  readonly right: string;
  /** The same text as the mutant has it. */
  readonly wrong: string;
  /** Why nobody loses anything. */
  readonly why: string;
}

/** The mutants that were examined and judged harmless. They are listed on the page and not counted. */
export const harmless: readonly Harmless[] = [
  {
    file: 'src/domain/likeness.ts',
    right: 'i < mean.length',
    wrong: 'i <= mean.length',
    why: 'Writing behind the end of a typed array does nothing.',
  },
  {
    file: 'src/domain/likeness.ts',
    right: 'if (pictures === 1) return 0;',
    wrong: 'if (false) return 0;',
    why: 'The formula gives 0 for one picture; the line saves the search for two cosines.',
  },
  {
    file: 'src/domain/likeness.ts',
    right: 'i < 30',
    wrong: 'i <= 30',
    why: 'One halving more moves the cosine by less than a billionth.',
  },
  {
    file: 'src/domain/likeness.ts',
    right: 'analyzer.scoreOf(middle) < score',
    wrong: 'analyzer.scoreOf(middle) <= score',
    why: 'Halving comes to the same cosine from either side.',
  },
  {
    file: 'src/http/addresses.ts',
    right: 'text) ?? [];',
    wrong: 'text) ?? ["Stryker was here"];',
    why: 'The first item is the whole match, which nobody reads.',
  },
  {
    file: 'src/http/multipart.ts',
    right: '/^content-disposition[ \\t]*:[ \\t]*(.*)$/im',
    wrong: '/^content-disposition[ \\t]*:[ \\t]*(.*)/im',
    why: 'The dot takes all that is left of the line.',
  },
  {
    file: 'src/http/read-body.ts',
    right: 'length <= sharedMax ? Buffer',
    wrong: 'false ? Buffer',
    why: 'Short bodies then have memory of their own, which is slower.',
  },
  {
    file: 'src/store/check-values.ts',
    right: 'keys.filter((row) => tryDecrypting(part, row) !== undefined)',
    wrong: 'keys',
    why: 'Each suspect is read and decrypted by itself, and a good one is passed over: the filter saves that.',
  },
  {
    file: 'src/store/check-values.ts',
    right: 'keys.filter((row) => tryDecrypting(part, row) !== undefined)',
    wrong: 'keys.filter((row) => true)',
    why: 'Each suspect is read and decrypted by itself, and a good one is passed over: the filter saves that.',
  },
  {
    file: 'src/store/embeddings.ts',
    right: 'if (isLittleEndian && bytes.byteOffset % 4 === 0) {',
    wrong: 'if (false) {',
    why: 'The other way reads the same numbers one by one.',
  },
  {
    file: 'src/store/embeddings.ts',
    right: "const isLittleEndian = endianness() === 'LE';",
    wrong: 'const isLittleEndian = false;',
    why: 'The other way reads the same numbers one by one.',
  },
  {
    file: 'src/store/embeddings.ts',
    right: "const isLittleEndian = endianness() === 'LE';",
    wrong: "const isLittleEndian = endianness() !== 'LE';",
    why: 'On the machines that run the tests this is false, too.',
  },
  {
    file: 'src/store/encryption/batch.ts',
    right: 'const isLike = Buffer.byteLength(faceId) === idLength;',
    wrong: 'const isLike = false;',
    why: 'The additional data is then made anew for each face, which is slower.',
  },
  {
    file: 'src/store/encryption/batch.ts',
    right: 'if (isLike) data.write(faceId, idAt);',
    wrong: 'if (false) data.write(faceId, idAt);',
    why: 'The additional data is then made anew for each face, which is slower.',
  },
  {
    file: 'src/store/encryption/decrypt-thread.ts',
    right: '[plain.buffer as ArrayBuffer]',
    wrong: '[]',
    why: 'The bytes are then copied to the other thread in the place of being moved, which is slower.',
  },
  {
    file: 'src/store/dialects/sqlite/bulk-thread.ts',
    right: '[value.buffer as ArrayBuffer]',
    wrong: '[]',
    why: 'The bytes are then copied to the other thread in the place of being moved, which is slower.',
  },
  {
    file: 'src/store/dialects/sqlite/thread.ts',
    right: '++this.#lastId',
    wrong: '--this.#lastId',
    why: 'Numbers that fall tell requests apart as well.',
  },
  {
    file: 'src/store/join-groups.ts',
    right: 'full.key < beyond.key',
    wrong: 'full.key <= beyond.key',
    why: 'One group cannot be full and missing at once.',
  },
];

/** The mutants of a file that match entries of the table, by entry. */
export function findHarmless(file: MutatedFile, table: readonly Harmless[]): ReadonlyMap<Harmless, readonly Mutant[]> {
  const entries = table.filter((entry) => entry.file === file.file);
  return new Map(entries.map((entry) => [entry, file.mutants.filter((mutant) => isMeant(file.text, mutant, entry))]));
}

function isMeant(text: string, { start, end, replacement }: Mutant, { right, wrong }: Harmless): boolean {
  const at = text.indexOf(right);
  if (at < 0 || start < at || end > at + right.length) return false;
  return text.slice(at, start) + replacement + text.slice(end, at + right.length) === wrong;
}
