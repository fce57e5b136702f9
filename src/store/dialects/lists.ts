/** Lists in SQL: what databases write differently. */
import { type AliasedRawBuilder, sql } from 'kysely';

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
