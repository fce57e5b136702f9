/** Many rows come from PostgreSQL as one, as fast as it reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { dialectOf } from '../../src/store/dialects/dialect.ts';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { borrowDatabase } from './lend.ts';

test('a long row comes as it is: texts, bytes and nothing, whatever values the query has', async () => {
  await using lent = await borrowDatabase();
  await using database = await openPostgres({ url: lent.url });
  const { reader } = database;
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 256);
  const hex = Buffer.from(bytes).toString('hex');
  for (const text of ["it's", '\\', "\\' or '", '$1', '人\n', '', '"; drop table keys; --']) {
    const query = reader
      .selectFrom(sql<{ value: string }>`(select cast(${text} as text) as value)`.as('asked'))
      .select((eb) => [
        'value as text',
        sql<Uint8Array>`decode(${hex}, 'hex')`.as('bytes'),
        sql<Uint8Array | null>`cast(null as bytea)`.as('none'),
        eb.fn.countAll<string>().over().as('count'),
      ])
      .where('value', '=', text);
    const columns = { text: 'text', bytes: 'bytes', none: 'bytes', count: 'bytes' } as const;
    const row = await dialectOf(reader).longRow(reader, query as never, columns as never);
    assert.deepEqual(row, { text, bytes, none: null, count: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 1]) });
    const { buffer, byteOffset } = (row as { bytes: Uint8Array }).bytes;
    assert.deepEqual([buffer.byteLength, byteOffset], [bytes.length, 0], 'in memory of their own');
  }
});

test('a long row that fails says why, and the connection goes on', async () => {
  await using lent = await borrowDatabase();
  await using database = await openPostgres({ url: lent.url });
  await database.reader.transaction().execute(async (trx) => {
    const query = trx.selectFrom(sql<{ n: number }>`(select 1 / 0 as n)`.as('none')).select('n');
    await sql`savepoint before`.execute(trx);
    await assert.rejects(dialectOf(trx).longRow(trx, query as never, { n: 'text' } as never), /division by zero/);
    await sql`rollback to before`.execute(trx);
    const { rows } = await sql<{ one: number }>`select 1 as one`.execute(trx);
    assert.deepEqual(rows, [{ one: 1 }]);
  });
});

test('what is read from one end to the other is joined in order, by one process; other queries as PostgreSQL likes', async () => {
  await using lent = await borrowDatabase();
  await using database = await openPostgres({ url: lent.url });
  const bulk = database.openBulk();
  const planOf = async (db: typeof bulk) => {
    const names = ['enable_nestloop', 'enable_hashjoin', 'max_parallel_workers_per_gather'];
    const { rows } = await sql<{ plan: string }>`
      select string_agg(setting, ' ' order by name) as plan from pg_settings where name = any(${names})`.execute(db);
    return rows[0]!.plan;
  };
  assert.equal(await planOf(bulk), 'off off 0');
  assert.equal(await planOf(database.reader), 'on on 2');
  await bulk.destroy();
});
