import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { migrate } from '../../src/store/migrations.ts';
import { prepare } from '../../src/store/prepared.ts';
import type { Tables } from '../../src/store/tables.ts';
import { sqliteHome } from './sqlite-home.ts';

test('a prepared query is built once for a database, and takes the values of each call, whatever their order and number', async () => {
  await using home = await sqliteHome();
  await using database = await openSqlite({ file: home.file, busyTimeoutMs: 1_000 });
  await migrate(database);
  let built = 0;
  const insert = prepare((db: Kysely<Tables>, { appid, id, name }: { id: string; appid: string; name: string }) => {
    built += 1;
    return db.insertInto('persons').values({ appid, person_id: id, name, tag: id });
  });
  const find = prepare((db: Kysely<Tables>, { appid, least }: { appid: string; least: string }) =>
    db
      .selectFrom('persons')
      .select(['person_id', 'name', 'tag'])
      .where('appid', '=', appid)
      .where('person_id', '>=', least)
      .where('person_id', '<=', 'x')
      .orderBy('person_id'),
  );
  await database.writer.transaction().execute(async (trx) => {
    for (const id of ['a', 'b', 'y']) await insert(trx, { appid: '1', id, name: `${id}'s "name"` });
  });
  await insert(database.writer, { appid: '2', id: 'c', name: '' });
  assert.equal(built, 1, 'a transaction has the query of its database');
  const rows = await find(database.reader, { appid: '1', least: 'a' });
  assert.deepEqual(
    rows.map(({ person_id: id, name, tag }) => [id, name, tag]),
    [
      ['a', `a's "name"`, 'a'],
      ['b', `b's "name"`, 'b'],
    ],
  );
  assert.deepEqual(
    (await find(database.reader, { appid: '1', least: 'b' })).map(({ person_id: id }) => id),
    ['b'],
  );
  assert.deepEqual(await find(database.reader, { appid: '3', least: 'a' }), []);
});

test('a prepared query that fails can be asked again', async () => {
  await using home = await sqliteHome();
  await using database = await openSqlite({ file: home.file, busyTimeoutMs: 1_000 });
  const find = prepare((db: Kysely<Tables>, { appid }: { appid: string }) =>
    db.selectFrom('persons').select('person_id').where('appid', '=', appid),
  );
  await assert.rejects(find(database.reader, { appid: '1' }), /no such table/);
  await migrate(database);
  assert.deepEqual(await find(database.reader, { appid: '1' }), []);
});
