/** What SQLite's check of a file finds, table by table. */
import assert from 'node:assert/strict';
import { open, readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { checkPages } from '../../src/store/dialects/sqlite/check-pages.ts';
import { openSqliteToRead } from '../../src/store/dialects/sqlite/database.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

/** SQLite's pages, in bytes. */
const pageSize = 4096;

/** Makes two tables of many pages, the first of which has an index. */
function makeTables({ file }: SqliteHome): void {
  using database = new DatabaseSync(file);
  database.exec(`
    create table first (id integer primary key, name text);
    create index first_by_name on first (name);
    create table second (id integer primary key, name text);
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
      insert into first select i, 'first' || i || hex(zeroblob(20)) from n;
    insert into second select id, 'second' || id from first`);
}

async function check({ file }: SqliteHome): Promise<readonly string[]> {
  const db: Kysely<unknown> = openSqliteToRead<unknown>(file);
  return checkPages(db).finally(() => db.destroy());
}

/** The number of the first page of a table or an index, from 1. */
function rootOf({ file }: SqliteHome, name: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return Number(database.prepare('select rootpage from sqlite_master where name = ?').get(name)?.rootpage);
}

async function overwrite({ file }: SqliteHome, page: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(pageSize, 0xa5), 0, pageSize, (page - 1) * pageSize);
  await handle.close();
}

test('nothing is wrong with a good file', async () => {
  await using home = await sqliteHome();
  makeTables(home);
  assert.deepEqual(await check(home), []);
});

test('a page that was overwritten is told with its table, and not with another', async () => {
  await using home = await sqliteHome();
  makeTables(home);
  const good = await readFile(home.file);
  for (const [name, other] of [
    ['first', 'second'],
    ['second', 'first'],
  ] as const) {
    await overwrite(home, rootOf(home, name));
    const faults = await check(home);
    assert.ok(faults.length > 0);
    for (const fault of faults) {
      assert.ok(fault.startsWith(`table ${name}: `), fault);
      assert.doesNotMatch(fault, new RegExp(`\\b${other}\\b|\\*\\*\\*|: ok|\n`));
    }
    await writeFile(home.file, good);
  }
});

test('an index is told by its name, under its table', async () => {
  await using home = await sqliteHome();
  makeTables(home);
  await overwrite(home, rootOf(home, 'first_by_name'));
  const faults = await check(home);
  assert.ok(faults.length > 0);
  for (const fault of faults) assert.match(fault, /^table first: /);
  assert.ok(
    faults.some((fault) => fault.includes('first_by_name')),
    faults.join('\n'),
  );
  assert.doesNotMatch(faults.join(), /[Tt]ree \d/);
});

test('a file that is no database is told as such', async () => {
  await using home = await sqliteHome();
  await writeFile(home.file, 'this is no database'.repeat(500));
  const faults = await check(home);
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /file is not a database/);
});
