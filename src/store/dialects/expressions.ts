/** Expressions that every database writes in the same way. */
import { type RawBuilder, sql } from 'kysely';

/**
 * A whole number that stands in the statement itself. Limits are such: SQLite prepares a statement anew, which takes longer
 * than most reads, each time that it is run with a limit that is a parameter.
 */
export function constant(value: number): RawBuilder<number> {
  return sql.lit(value);
}

/** A text that is selected: PostgreSQL wants its type said. */
export function text(value: string): RawBuilder<string> {
  return sql<string>`cast(${value} as text)`;
}

/** A whole number, or null, that is selected: PostgreSQL would take it for text. */
export function integer<N extends number | null>(value: N): RawBuilder<N> {
  return sql<N>`cast(${value} as integer)`;
}
