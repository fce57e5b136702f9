/** Checks a database file, row by row: whether anything in it is half written. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';

/** Rows of which there is one for each row of another table, by their key. */
const pairs = [
  ['faces', 'persons', 'person_id'],
  ['persons', 'faces', 'person_id'],
  ['embeddings', 'faces', 'face_id'],
  ['faces', 'embeddings', 'face_id'],
  ['faces', 'crops', 'face_id'],
  ['crops', 'faces', 'face_id'],
  ['memberships', 'persons', 'person_id'],
  ['memberships', 'groups', 'group_id'],
  ['groups', 'memberships', 'group_id'],
] as const;

/**
 * Checks that no person, face or group of the file was left half written. A person always has a face here: nothing that
 * is sent erases the last one.
 */
export function assertWhole(file: string): void {
  using database = new DatabaseSync(file, { readOnly: true });
  for (const [table, other, key] of pairs) {
    const orphans = database
      .prepare(
        `select * from ${table} t where not exists (select 1 from ${other} o where o.appid = t.appid and o.${key} = t.${key})`,
      )
      .all();
    assert.deepEqual(orphans, [], `${table} of no ${other}`);
  }
}
