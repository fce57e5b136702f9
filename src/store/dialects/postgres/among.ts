/** PostgreSQL's way of asking for many rows whether a text is one of some ids. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Whether a text is in a JSON list of ids. The planner hashes an array that is constant. Ids hold no white space. */
export function isAmong(text: RawBuilder<unknown>, list: string): RawBuilder<SqlBool> {
  const ids = (JSON.parse(list) as readonly string[]).join('\n');
  return sql<SqlBool>`${text} = any(string_to_array(${ids}, chr(10)))`;
}
