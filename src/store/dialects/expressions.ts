/** Expressions that databases write differently, as SQLite has them. */
import { type AliasedRawBuilder, type RawBuilder, sql } from 'kysely';

/** An element of a list. */
export interface Element {
  /** Its place in the list, from 0. */
  readonly key: number;
  readonly value: string;
}

/**
 * A JSON list of ids as a table called `asked`. It is one parameter, however long: a statement's text stays the same, and is
 * prepared once. PostgreSQL has jsonb_array_elements_text for it.
 */
export function asked(list: string): AliasedRawBuilder<Element, 'asked'> {
  return sql<Element>`json_each(${list})`.as('asked');
}

/** A column's values as a JSON list in UTF-8, in the order in which the rows come. PostgreSQL has json_agg for it. */
export function jsonList(column: string): RawBuilder<Uint8Array> {
  return sql<Uint8Array>`cast(json_group_array(${sql.ref(column)}) as blob)`;
}

/** A column's values as a JSON list, in the order in which the rows come. PostgreSQL has json_agg for it. */
export function jsonText(column: string): RawBuilder<string> {
  return sql<string>`json_group_array(${sql.ref(column)})`;
}

/**
 * A whole number that stands in the statement itself. Limits are such: SQLite prepares a statement anew, which takes longer
 * than most reads, each time that it is run with a limit that is a parameter.
 */
export function constant(value: number): RawBuilder<number> {
  return sql.lit(value);
}

/** The smaller of two numbers. PostgreSQL has least for it. */
export function smaller(a: RawBuilder<number>, b: number): RawBuilder<number> {
  return sql<number>`min(${a}, ${b})`;
}

/** A number, or 0 if it is negative. PostgreSQL has greatest for it. */
export function atLeast0(value: RawBuilder<number>): RawBuilder<number> {
  return sql<number>`max(0, ${value})`;
}
