/**
 * Pages of a list, for people who look through it. A page costs what is on it, however long the list is: it begins at a row that an index
 * finds, and never counts rows from the start.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { constant } from '../dialects/expressions.ts';

/** Where a page is: `count` items after one of them or before it; the first ones if there is no cursor. */
export interface PageRequest<Cursor> {
  readonly cursor?: Cursor | undefined;
  /** Whether the items before the cursor are asked for, and not those after it. */
  readonly isBackward?: boolean | undefined;
  readonly count: number;
}

/** Some items in their order. */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  /** The items before this one come before the page; undefined if there are none. */
  readonly previous: Cursor | undefined;
  /** The items after this one come after the page; undefined if there are none. */
  readonly next: Cursor | undefined;
}

/** The order in which the rows of a page are read, so that those nearest to the cursor come first. */
export function directionOf({ isBackward = false }: PageRequest<unknown>): 'asc' | 'desc' {
  return isBackward ? 'desc' : 'asc';
}

/** How many rows are read: one more than are wanted says whether there are more. */
export function limitOf({ count }: PageRequest<unknown>): RawBuilder<number> {
  return constant(count + 1);
}

/** Whether a row is on the far side of the cursor. */
export function isBeyond(
  column: string,
  { cursor, isBackward = false }: PageRequest<string | number>,
): RawBuilder<SqlBool> {
  if (cursor === undefined) return sql<SqlBool>`1 = 1`;
  return sql<SqlBool>`${sql.ref(column)} ${sql.raw(isBackward ? '<' : '>')} ${cursor}`;
}

/** Whether a text begins with a prefix, as a range of an index; texts are ordered by their bytes in both databases. */
export function beginsWith(column: string, prefix: string): RawBuilder<SqlBool> {
  if (prefix === '') return sql<SqlBool>`1 = 1`;
  const [from, end] = [sql<SqlBool>`${sql.ref(column)} >= ${prefix}`, endOf(prefix)];
  return end === undefined ? from : sql<SqlBool>`${from} and ${sql.ref(column)} < ${end}`;
}

/** A page of rows that were read in its direction, up to {@link limitOf}. */
export function pageOf<Item, Cursor>(
  rows: readonly Item[],
  { cursor, isBackward = false, count }: PageRequest<Cursor>,
  cursorOf: (item: Item) => Cursor,
): Page<Item, Cursor> {
  const hasMore = rows.length > count;
  const items = isBackward ? rows.slice(0, count).toReversed() : rows.slice(0, count);
  const [first, last] = [items[0], items.at(-1)];
  // Beyond where the page comes from are the items that it was reached from; of no items the cursor itself is left.
  const [before, after] = isBackward ? [hasMore, true] : [cursor !== undefined, hasMore];
  return {
    items,
    previous: before ? (first === undefined ? cursor : cursorOf(first)) : undefined,
    next: after ? (last === undefined ? cursor : cursorOf(last)) : undefined,
  };
}

const [lastBelowSurrogates, firstAboveSurrogates, lastCharacter] = [0xd7ff, 0xe000, 0x10ffff];

/** The least text that comes after all that begin with a prefix; undefined if there is none. */
function endOf(prefix: string): string | undefined {
  const characters = [...prefix];
  while (characters.length > 0) {
    const code = characters.pop()!.codePointAt(0)!;
    if (code === lastCharacter) continue;
    const next = code === lastBelowSurrogates ? firstAboveSurrogates : code + 1;
    return characters.join('') + String.fromCodePoint(next);
  }
  return undefined;
}
