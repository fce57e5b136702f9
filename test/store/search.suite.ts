/** A search of the database finds what a plain search of all faces finds, whichever the database is. */
import assert from 'node:assert/strict';
import type { Kysely } from 'kysely';
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import type { Store } from '../../src/domain/stores.ts';
import type { DatabaseSource } from '../../src/store/database.ts';
import { openPostgresToRead } from '../../src/store/dialects/postgres/database.ts';
import { openSqliteReader } from '../../src/store/dialects/sqlite/database.ts';
import type { Stores } from '../../src/store/open.ts';
import type { SearchOrder } from '../../src/store/search/order.ts';
import { type Reading, searchRows } from '../../src/store/search/stream.ts';
import type { Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import { Random } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import { stranger } from '../search/vectors.ts';
import { face, guarantees, type Home, limits, person } from './fixtures.ts';

const appid = '1001';
const model = 'a model';
const dimension = 10;
const groups = ['g', 'h', 'i', 'j'];

/** Registers persons with up to three faces each, in some groups or in none. */
async function fill(store: Store, random: Random, persons: number, from = 0): Promise<void> {
  for (let i = from; i < from + persons; i++) {
    await store.write(async (inner) => {
      await inner.insertPerson(person(`p${i}`));
      await inner.joinGroups(
        `p${i}`,
        groups.filter(() => random.oneIn(2)),
        limits,
      );
      for (let faces = random.below(4); faces > 0; faces--) {
        await inner.insertFace(faceOf(`${1_000 + i * 7 + faces}`, `p${i}`, random), limits);
      }
    });
  }
}

/** A direction. */
function vector(random: Random): Float32Array {
  return stranger(() => random.below(2 ** 30) / 2 ** 30, dimension);
}

/** Some faces are equally near to a probe: then the lower id comes first. */
function faceOf(id: string, personId: string, random: Random) {
  const embedding = random.oneIn(4) ? shared : vector(random);
  return { ...face(id, personId), model, embedding };
}

const shared = vector(new Random(1));

/** What a plain search finds of everything that the feed says there is. */
async function expected(stores: Stores, query: GalleryQuery) {
  const oracle = new Oracle();
  for await (const batch of stores.feedOf(appid).contents(model, 100)) await oracle.apply(batch);
  return oracle.nearest(query);
}

function someQueries(random: Random): readonly GalleryQuery[] {
  const probes = [shared, vector(random), vector(random)];
  return [
    { probes, groupIds: ['g'], count: 5 },
    { probes, groupIds: ['h', 'i', 'h'], count: 3 },
    { probes, groupIds: [...groups, 'nobody'], count: 100 },
    { probes: [shared], groupIds: groups, count: 1 },
    { probes, groupIds: ['nobody'], count: 5 },
    { probes, groupIds: [], count: 5 },
  ];
}

/** Declares the tests. */
export function searchSuite(
  database: string,
  makeHome: () => Promise<Home & { readonly source: DatabaseSource }>,
): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a search of the database finds whom a plain search finds, and in that order', async (stores) => {
    const random = new Random(3);
    const search = stores.searchOf(appid);
    await fill(stores.of(appid), random, 30);
    await fill(stores.of('1002'), random, 5, 100);
    for (const query of someQueries(random)) {
      assert.deepEqual(await search.nearest(query, model), await expected(stores, query));
    }
    const [query] = someQueries(random);
    assert.deepEqual(await search.nearest(query!, 'another model'), [[], [], []]);
    const store = stores.of(appid);
    await fill(store, random, 3, 50);
    await store.deletePerson('p1');
    await store.leaveGroups('p2', groups);
    for (const asked of someQueries(random)) {
      assert.deepEqual(
        await search.nearest(asked, model),
        await expected(stores, asked),
        'what was written last is seen',
      );
    }
  });

  guarantee('searches at the same time each get their own answer', async (stores) => {
    const random = new Random(4);
    await fill(stores.of(appid), random, 20);
    const queries = Array.from({ length: 40 }, (_, i): GalleryQuery => {
      const probes = Array.from({ length: 1 + (i % 3) }, () => vector(random));
      return { probes, groupIds: i % 5 === 0 ? ['h'] : ['g'], count: 4 };
    });
    const found = await Promise.all(queries.map((query) => stores.searchOf(appid).nearest(query, model)));
    for (const [i, query] of queries.entries()) assert.deepEqual(found[i], await expected(stores, query));
    const many = Array.from({ length: 150 }, () => vector(random));
    const query = { probes: many, groupIds: ['g'], count: 2 };
    assert.deepEqual(await stores.searchOf(appid).nearest(query, model), await expected(stores, query));
  });

  guarantee('whoever gives a search up is told so at once, and the others are answered', async (stores) => {
    const random = new Random(5);
    await fill(stores.of(appid), random, 10);
    const reason = new Error('tired');
    const gone = new AbortController();
    const query = { probes: [shared], groupIds: ['g'], count: 5 };
    const search = stores.searchOf(appid);
    const searches = Array.from({ length: 12 }, (_, i) =>
      search.nearest(i % 2 === 0 ? { ...query, signal: gone.signal } : query, model),
    );
    gone.abort(reason);
    for (const [i, one] of (await Promise.allSettled(searches)).entries()) {
      if (i % 2 === 0) assert.deepEqual(one, { status: 'rejected', reason });
      else assert.deepEqual(one, { status: 'fulfilled', value: await expected(stores, query) });
    }
    await assert.rejects(search.nearest({ ...query, signal: gone.signal }, model), reason);
  });

  guarantee('a search sees no transaction in part, and nobody who was erased before it', async (stores) => {
    const random = new Random(6);
    const store = stores.of(appid);
    await fill(store, random, 200);
    await store.insertPerson(person('mover'));
    await store.joinGroups('mover', ['g'], limits);
    const probe = vector(random);
    await store.insertFace({ ...face('1', 'mover'), model, embedding: probe }, limits);
    let isOver = false;
    const moving = (async () => {
      for (let i = 0; !isOver; i++) {
        const [from, to] = i % 2 === 0 ? ['g', 'j'] : ['j', 'g'];
        await store.write(async (inner) => {
          await inner.leaveGroups('mover', [from!]);
          await inner.joinGroups('mover', [to!], limits);
        });
      }
    })();
    for (let i = 0; i < 30; i++) {
      const query = { probes: [probe], groupIds: ['g', 'j'], count: 1 };
      assert.deepEqual(await stores.searchOf(appid).nearest(query, model), [[{ personId: 'mover', faceId: '1' }]]);
    }
    isOver = true;
    await moving;
    await store.deletePerson('mover');
    const [found] = await stores.searchOf(appid).nearest({ probes: [probe], groupIds: groups, count: 500 }, model);
    assert.ok(found!.length > 100 && found!.every(({ personId }) => personId !== 'mover'));
  });

  guarantee('rows whose embeddings end with a hash, as they used to, are searched without it', async (stores) => {
    const store = stores.of(appid);
    const random = new Random(9);
    const direction = () => stranger(() => random.below(2 ** 30) / 2 ** 30, 192);
    const embeddings = Array.from({ length: 6 }, direction);
    await store.insertPerson(person('p'));
    await store.joinGroups('p', ['g'], limits);
    for (const [i, embedding] of embeddings.entries()) {
      const old = new Float32Array(256);
      old.set(embedding);
      old[200] = 0.001;
      await store.insertFace({ ...face(`${i + 1}`, 'p'), model, embedding: i % 2 === 0 ? old : embedding }, limits);
    }
    for (const probe of embeddings) {
      const query = { probes: [probe], groupIds: ['g'], count: 5 };
      const found = await stores.searchOf(appid).nearest(query, model);
      assert.deepEqual(found, await expected(stores, query));
      assert.deepEqual(found, [[{ personId: 'p', faceId: `${embeddings.indexOf(probe) + 1}` }]]);
    }
  });

  guarantee('an appid that was ended is searched in vain', async (stores) => {
    await stores.keys.addKey({ appid, secretId: 'id', secretKey: 'key', createdAt: 0, revokedAt: null }, []);
    await fill(stores.of(appid), new Random(7), 10);
    await stores.removeTenant(appid);
    const query = { probes: [shared], groupIds: groups, count: 5 };
    assert.deepEqual(await stores.searchOf(appid).nearest(query, model), [[]]);
  });

  guarantee('a registry knows how much is in it', async (stores) => {
    const none = { faces: 0, persons: 0, groups: 0, memberships: 0 };
    assert.deepEqual(await stores.searchOf(appid).size(model), none);
    const store = stores.of(appid);
    for (const id of ['p', 'q', 'r']) await store.insertPerson(person(id));
    await store.joinGroups('p', ['g', 'h'], limits);
    await store.joinGroups('q', ['g'], limits);
    for (const [id, personId] of [
      ['1', 'p'],
      ['2', 'p'],
      ['3', 'r'],
    ] as const) {
      await store.insertFace({ ...face(id, personId), model }, limits);
    }
    await store.insertFace(face('4', 'p'), limits);
    assert.deepEqual(await stores.searchOf(appid).size(model), { faces: 3, persons: 3, groups: 2, memberships: 3 });
  });

  guarantee('however the rows are read, the answer is the same', async (stores, home) => {
    await using resources = new AsyncDisposableStack();
    const random = new Random(8);
    await fill(stores.of(appid), random, 40);
    const db = open(home.source, resources);
    const { wrapped } = await db
      .selectFrom('data_keys')
      .select('wrapped')
      .where('appid', '=', appid)
      .executeTakeFirstOrThrow();
    const key = (await masterKey(undefined)).unwrap(appid, wrapped);
    const readings: readonly Reading[] = [
      { batchSize: 3, fewMembers: 1_000, fewShare: 2, lookedUpMax: 1_000, graphMembers: 0 },
      { batchSize: 1_000, fewMembers: 0, fewShare: 2, lookedUpMax: 1_000, graphMembers: 0 },
      { batchSize: 3, fewMembers: 0, fewShare: 2, lookedUpMax: 0, graphMembers: 0 },
      { batchSize: 5, fewMembers: 1_000, fewShare: 2, lookedUpMax: 2, graphMembers: 0 },
    ];
    for (const query of someQueries(random)) {
      const answer = await expected(stores, query);
      for (const reading of readings) {
        const given = new SharedArrayBuffer(4);
        const { probes, count } = query;
        const groupIds = [...new Set(query.groupIds)];
        const order: SearchOrder = { appid, groupIds, model, probes, count, key, wrapped, given };
        const lists = await searchRows(db, order, reading);
        const told = lists.map((list) => list.map(({ person, faceId }) => ({ personId: person, faceId: `${faceId}` })));
        assert.deepEqual(told, answer, JSON.stringify(reading));
      }
    }
  });
}

function open(source: DatabaseSource, resources: AsyncDisposableStack): Kysely<Tables> {
  if (source.kind === 'postgres') return resources.use(openPostgresToRead(source.url)).db;
  const db = openSqliteReader(source.file);
  resources.defer(() => db.destroy());
  return db;
}
