/** Searches by pgvector find whom a plain search finds, whatever is written while vectors are switched on and off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../../src/store/dialects/dialect.ts';
import { openPostgresToRead } from '../../src/store/dialects/postgres/database.ts';
import type { Stores } from '../../src/store/open.ts';
import { searchByVectors } from '../../src/store/search/by-vectors.ts';
import { usableOf } from '../../src/store/search/stream.ts';
import type { Tables } from '../../src/store/tables.ts';
import { Random } from '../random.ts';
import { face, limits, person } from '../store/fixtures.ts';
import { skip, vectorHome } from './pgvector.ts';
import { appid, expected, model, orderOf, register, search, someQueries, vector } from './vector-searches.ts';

const state = async (stores: Stores) => (await stores.vectors!.status()).state;

test('pgvector: candidates by vectors lead to the answer of a plain search, to the last bit', { skip }, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  const random = new Random(1);
  for (let i = 0; i < 150; i++) await register(stores.of(appid), i, random);
  for (const index of ['exact', 'hnsw', 'exact'] as const) {
    await stores.vectors!.on(index);
    assert.equal(await state(stores), index);
    for (const query of someQueries(random)) {
      // A graph of so few misses none.
      assert.deepEqual(await search(home.url, query), await expected(stores, query), index);
    }
    const graphs = await home.ask(
      `select idx_scan::int as scans from pg_stat_user_indexes where indexrelname ~ 'hnsw'`,
    );
    assert.deepEqual(
      graphs.map(({ scans }) => Number(scans) > 0),
      index === 'hnsw' ? [true] : [],
    );
  }
});

test('a graph is walked where it is large, and most of it counts', () => {
  assert.equal(usableOf('hnsw', 5_000, 50_000), 'hnsw');
  assert.equal(usableOf('hnsw', 5_000, 50_001), 'exact');
  assert.equal(usableOf('hnsw', 5_000, 5_000), 'hnsw');
  assert.equal(usableOf('hnsw', 4_999, 4_999), 'exact');
  assert.equal(usableOf('exact', 50_000, 50_000), 'exact');
});

test('pgvector: candidates are looked up by their ids, however many other faces there are', { skip }, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  const random = new Random(5);
  for (let i = 0; i < 150; i++) await register(stores.of(appid), i, random);
  await stores.vectors!.on('hnsw');
  await home.ask('analyze');
  await using opened = openPostgresToRead(home.url);
  const order = await orderOf(opened.db, { probes: [vector(random)], groupIds: ['g'], count: 5 });
  const lookedAt = async (db: Kysely<Tables>) => {
    const { rows } = await sql<{ looked: number }>`
      select pg_stat_get_xact_tuples_returned('faces_key'::regclass) as looked`.execute(db);
    return rows[0]!.looked;
  };
  for (const index of ['exact', 'hnsw'] as const) {
    await opened.db.transaction().execute(async (db) => {
      const before = await lookedAt(db);
      const scope = { db, appid, dataKeys: { open: () => order.key } };
      const [found] = await searchByVectors(scope, dialectOf(db).vectors!, index, order, '["g"]');
      assert.equal(found!.length, 5);
      const looked = (await lookedAt(db)) - before;
      assert.ok(looked > 0 && looked <= 64, `${index}: ${looked} faces`);
    });
  }
});

test('pgvector: vectors are deleted while faces are erased, and neither waits for the other for ever', {
  skip,
}, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  await register(stores.of(appid), 1, new Random(6));
  await stores.vectors!.on('exact');
  // As a transaction does that erases a face, step by step.
  await home.ask('begin');
  await home.ask('delete from embeddings where false');
  const ended = stores.vectors!.off();
  for (;;) {
    const [waiting] = await home.ask('select 1 from pg_locks where not granted');
    if (waiting !== undefined) break;
  }
  await home.ask('delete from vectors where false');
  await home.ask('commit');
  await ended;
  assert.equal(await state(stores), 'off');
});

test('pgvector: faces that are equally near come in the order of their ids, however many there are', {
  skip,
}, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  const [random, store] = [new Random(2), stores.of(appid)];
  const same = vector(random);
  for (let i = 0; i < 300; i++) {
    await store.write(async (inner) => {
      await inner.insertPerson(person(`p${i}`));
      await inner.joinGroups(`p${i}`, ['g'], limits);
      await inner.insertFace({ ...face(`${20_000 - i}`, `p${i}`), model, embedding: same }, limits);
    });
  }
  await stores.vectors!.on('exact');
  const query = { probes: [same], groupIds: ['g'], count: 3 };
  assert.deepEqual(
    (await search(home.url, query))[0]!.map(({ personId }) => personId),
    ['p299', 'p298', 'p297'],
  );
});

test('pgvector: whatever is written while vectors are made, deleted or kept, searches find all of it and no more', {
  skip,
}, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  await using others = await home.open();
  const random = new Random(3);
  for (let i = 0; i < 60; i++) await register(stores.of(appid), i, random);
  let [next, isOver] = [60, false];
  const writing = [stores, others].map(async (each) => {
    while (!isOver) {
      await register(each.of(appid), next++, random);
      await each.of(appid).deletePerson(`p${random.below(next)}`);
    }
  });
  const switching = (async () => {
    for (const turn of ['on', 'off', 'on', 'hnsw', 'off', 'on'] as const) {
      if (turn === 'off') await stores.vectors!.off();
      else await stores.vectors!.on(turn === 'on' ? 'exact' : turn);
    }
    isOver = true;
  })();
  while (!isOver) for (const query of someQueries(random)) await search(home.url, query);
  await Promise.all([switching, ...writing]);
  const { vectors, embeddings } = await stores.vectors!.status();
  assert.ok(vectors > 50);
  assert.equal(vectors, embeddings);
  for (const query of someQueries(random)) {
    assert.deepEqual(await search(home.url, query), await expected(stores, query));
  }
});

test('pgvector: vectors that were begun are finished by the next call, and are not searched before', {
  skip,
}, async () => {
  await using home = await vectorHome();
  await using stores = await home.open();
  const random = new Random(4);
  for (let i = 0; i < 40; i++) await register(stores.of(appid), i, random);
  await stores.vectors!.on('exact');
  await home.ask(`update vector_search set state = 'filling'`);
  await home.ask(`delete from vectors where face_id > '10200'`);
  for (const query of someQueries(random)) {
    assert.deepEqual(await search(home.url, query), await expected(stores, query), 'by reading the rows');
  }
  const told: [number, number][] = [];
  await stores.vectors!.on('exact', (done, total) => told.push([done, total]));
  const { state, vectors, embeddings } = await stores.vectors!.status();
  assert.deepEqual([state, vectors], ['exact', embeddings]);
  assert.deepEqual(told.at(-1), [embeddings, embeddings]);
  await stores.vectors!.off();
  await stores.vectors!.off();
  assert.deepEqual(await stores.vectors!.status(), { state: 'off', vectors: 0, embeddings });
  assert.deepEqual(await home.ask(`select to_regclass('vectors') as found`), [{ found: null }]);
});
