/** Tells whether there is room for more in an index: numbers to give out, and memory within a budget. */
import type { GallerySize } from '../sync/change-feed.ts';
import type { Layout } from './layout.ts';
import { rowsPerBlock } from './rows.ts';
import type { IdAllocator } from './shared-column.ts';

/** How much of what an index numbers. */
export interface Amounts {
  /** Blocks of rows. */
  readonly blocks: number;
  readonly persons: number;
  /** Memberships of persons in groups other than their home. */
  readonly secondaries: number;
}

/** Nothing. */
export const nothing: Amounts = { blocks: 0, persons: 0, secondaries: 0 };

/** What there is of each, and what it may take. */
export interface Supply {
  readonly blocks: IdAllocator;
  readonly persons: IdAllocator;
  readonly secondaries: IdAllocator;
  /** Bytes of one of each. */
  readonly bytesOf: Amounts;
  /** The budget in bytes, as it is now. */
  readonly bytesMax: () => number;
}

/** Beside a row's embedding: the face id, owner, next and previous row, and its place in the hash index of faces. */
const bytesBesideRow = 8 + 4 + 4 + 4 + 16;
/** First row, home, mark and first membership, the place in the hash index of persons and in two lists, and the id. */
const bytesPerPerson = 16 + 16 + 16 + 64;
/** Group, place and next membership, and the pair in the group's list, which doubles to grow. */
const bytesPerSecondary = 12 + 16;

/** Bytes that one of each takes. */
export function bytesOf({ stride }: Layout): Amounts {
  // Both halves of an element have four bytes together.
  const blocks = rowsPerBlock * (stride * 4 + bytesBesideRow);
  return { blocks, persons: bytesPerPerson, secondaries: bytesPerSecondary };
}

const kinds = ['blocks', 'persons', 'secondaries'] as const;

/**
 * Whether there is room for so much more. Memory once taken is kept for what comes next, so that what counts is the most
 * that there ever was of each; what is given back is used first.
 * @param spare what would be given back before.
 */
export function hasRoom(supply: Supply, need: Amounts, spare: Amounts = nothing): boolean {
  let bytes = 0;
  for (const kind of kinds) {
    const ids = supply[kind];
    if (need[kind] > ids.left + spare[kind]) return false;
    const fresh = Math.max(0, need[kind] - ids.spare - spare[kind]);
    bytes += (ids.last + fresh) * supply.bytesOf[kind];
  }
  return bytes <= supply.bytesMax();
}

/** What a gallery of a size takes: each group with faces may leave a block partly empty. */
export function needOfGallery({ faces, persons, groups, memberships }: GallerySize): Amounts {
  const blocks = Math.ceil(faces / rowsPerBlock) + Math.min(faces, groups + 1);
  return { blocks, persons, secondaries: Math.max(0, memberships - persons) };
}

/** Both together. */
export function sumOf(amounts: readonly Amounts[]): Amounts {
  const sum = (kind: (typeof kinds)[number]): number => amounts.reduce((total, each) => total + each[kind], 0);
  return { blocks: sum('blocks'), persons: sum('persons'), secondaries: sum('secondaries') };
}
