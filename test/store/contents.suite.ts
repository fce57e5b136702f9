/** What an appid may keep, whichever the database is. */
import assert from 'node:assert/strict';
import type { Limits, Store } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { act, call, face, guarantees, type Home, limits, person } from './fixtures.ts';

/** What the appid keeps, as it is counted. */
async function kept({ tenants }: Stores): Promise<unknown> {
  const [tenant] = await tenants.list('1001');
  return tenant?.kept;
}

/** Registers a person with faces, all or nothing. */
function register(store: Store, id: string, faces: number, most: Partial<Limits> = {}): Promise<void> {
  return store.write(async (inner) => {
    await inner.insertPerson(person(id));
    await inner.joinGroups(id, ['g'], limits);
    for (let i = 0; i < faces; i += 1) await inner.insertFace(face(`${id}-${i}`, id), { ...limits, ...most });
  });
}

function isRefused(work: Promise<unknown>, detail: string): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.refusal, error.detail, error.retryAfterSeconds], ['tooManyRequests', detail, 3_600]);
    return true;
  });
}

/** The bytes of a face: its embedding and its crop, and what encryption adds to each. */
async function bytesOfFace(stores: Stores): Promise<number> {
  const { bytes } = (await kept(stores)) as { bytes: number };
  return bytes;
}

/** Declares the tests of one database. */
export function contentsSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('what an appid keeps is counted, and counted out when it is erased', async (stores) => {
    await stores.tenants.add('1001', {});
    const store = stores.of('1001');
    assert.deepEqual(await kept(stores), { groups: 0, persons: 0, faces: 0, bytes: 0 });
    await register(store, 'p', 1);
    const one = await bytesOfFace(stores);
    assert.ok(one > 6_000 + 128);
    assert.deepEqual(await kept(stores), { groups: 1, persons: 1, faces: 1, bytes: one });
    await register(store, 'q', 3);
    await register(stores.of('1002'), 'r', 1);
    assert.deepEqual(await kept(stores), { groups: 1, persons: 2, faces: 4, bytes: 4 * one });
    await assert.rejects(
      store.write(async (inner) => {
        await inner.insertFace(face('x', 'q'), limits);
        throw new Error('undone');
      }),
    );
    assert.equal(await store.insertFace(face('y', 'p'), { ...limits, facesPerPersonMax: 1 }), false);
    assert.deepEqual(await store.deleteFaces('q', ['q-0', 'q-2', 'p-0']), ['q-0', 'q-2']);
    assert.deepEqual(await kept(stores), { groups: 1, persons: 2, faces: 2, bytes: 2 * one });
    await store.deletePerson('q');
    await store.insertPerson(person('bare'));
    assert.equal(await store.deletePerson('nobody'), false);
    assert.deepEqual(await kept(stores), { groups: 1, persons: 2, faces: 1, bytes: one });
  });

  guarantee('an appid may keep as much as its limits say, and no more: all of the write is undone', async (stores) => {
    await stores.tenants.add('1001', {});
    const counted: string[] = [];
    const writes = { call: () => call, act: () => act, counted: () => void counted.push('call'), took: () => {} };
    const store = stores.of('1001', writes);
    await isRefused(register(store, 'p', 1, { personsMax: 0 }), 'persons of the appid: 0 at most');
    await register(store, 'p', 2, { personsMax: 1, facesMax: 2 });
    const one = (await bytesOfFace(stores)) / 2;
    for (const [most, detail] of [
      [{ personsMax: 1 }, 'persons of the appid: 1 at most'],
      [{ facesMax: 2 }, 'faces of the appid: 2 at most'],
      [{ bytesMax: 3 * one - 1 }, `bytes of the appid: ${3 * one - 1} at most`],
      [{ facesMax: 1 }, 'faces of the appid: 1 at most'],
    ] as const) {
      await isRefused(register(store, 'q', 1, most), detail);
      assert.equal(await store.findPerson('q'), undefined);
    }
    assert.deepEqual(counted, ['call']);
    assert.deepEqual(await kept(stores), { groups: 1, persons: 1, faces: 2, bytes: 2 * one });
    await register(store, 'q', 1, { personsMax: 2, facesMax: 3, bytesMax: 3 * one });
    await isRefused(store.refuseIfFull({ faces: 1 }, { ...limits, facesMax: 3 }), 'faces of the appid: 3 at most');
    await store.refuseIfFull({ faces: 1 }, { ...limits, personsMax: 2, facesMax: 4 });
    await store.refuseIfFull({ persons: 1 }, limits);
    await store.write(async (inner) => {
      for (const id of ['p', 'q']) await inner.deleteFaces(id, [`${id}-0`]);
      await inner.insertFace(face('x', 'q'), { ...limits, facesMax: 0 });
    });
    assert.deepEqual(
      await kept(stores),
      { groups: 1, persons: 2, faces: 2, bytes: 2 * one },
      'what shrinks is not refused',
    );
  });

  guarantee('of many that grow at once, by whatever process, as many find room as there is', async (stores, home) => {
    await stores.tenants.add('1001', {});
    await using others = await home.open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        register((i % 2 ? stores : others).of('1001'), `p${i}`, 1, { personsMax: 5 }),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5);
    const { persons, faces } = (await kept(stores)) as { persons: number; faces: number };
    assert.deepEqual([persons, faces], [5, 5]);
  });

  guarantee('a limit that is set begins with what is there', async (stores) => {
    await stores.tenants.add('1001', {});
    await register(stores.of('1001'), 'p', 2);
    const before = await kept(stores);
    await stores.tenants.set('1001', { limits: { faces: 5 } });
    assert.deepEqual(await kept(stores), before);
  });
}
