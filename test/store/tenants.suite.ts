/** What is set for appids and keys, whichever the database is. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Stores } from '../../src/store/open.ts';
import { call, face, guarantees, type Home, limits as limitsOfStore, person } from './fixtures.ts';

/** What an appid keeps that has nothing. */
const kept = { groups: 0, persons: 0, faces: 0, bytes: 0 };
const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };

/** Waits until the use of the key is written: with the count of a call, or where counts of appids are written apart some seconds later. */
async function untilUsed(stores: Stores, at: number): Promise<void> {
  while ((await stores.keyUses()).get('k') !== at) await setTimeout(20);
}

/**
 * Declares the tests of one database.
 * @param keysHoldMs how long a process may go on with what it has read of an appid, in milliseconds.
 */
export function tenantsSuite(database: string, makeHome: () => Promise<Home>, keysHoldMs = 0): void {
  const guarantee = guarantees(database, makeHome);
  const untilSeen = (): Promise<void> => (keysHoldMs === 0 ? Promise.resolve() : setTimeout(keysHoldMs));

  guarantee('an appid is added once, and listed with what is set for it', async ({ tenants, keys }) => {
    const limits = { callsPerSecond: 5, groups: 7 };
    assert.equal(await tenants.add('1002', { limits, buckets: ['b', 'a'], note: 'Büro' }), true);
    assert.equal(await tenants.add('1002', { limits: { groups: 9 } }), false);
    await keys.addKey(key, ['one']);
    assert.equal(await tenants.add('1001', {}), false, 'its first key has added it');
    const second = { appid: '1002', note: 'Büro', buckets: ['a', 'b'], limits, kept };
    assert.deepEqual(await tenants.list(), [{ appid: '1001', note: '', buckets: ['one'], limits: {}, kept }, second]);
    assert.deepEqual(await tenants.list('1002'), [second]);
    assert.deepEqual(await tenants.list('1003'), []);
  });

  guarantee('what is changed of an appid is changed alone, and by null it is as for all', async ({ tenants }) => {
    await tenants.add('1001', { limits: { groups: 7, picturesInFlight: 3 }, buckets: ['a'], note: 'n' });
    assert.equal(await tenants.set('1001', { limits: { groups: null, enrolQuality: 0 } }), true);
    const read = async () => (await tenants.list('1001'))[0];
    const limits = { picturesInFlight: 3, enrolQuality: 0 };
    assert.deepEqual(await read(), { appid: '1001', note: 'n', buckets: ['a'], limits, kept });
    await tenants.set('1001', { buckets: ['c', 'b'] });
    await tenants.set('1001', { note: '' });
    await tenants.set('1001', {});
    assert.deepEqual(await read(), { appid: '1001', note: '', buckets: ['b', 'c'], limits, kept });
    await tenants.set('1001', { buckets: [] });
    assert.deepEqual((await read())?.buckets, []);
    assert.equal(await tenants.set('1002', { buckets: ['b'] }), false);
    assert.equal((await tenants.list()).length, 1, 'nothing is made of an appid that is not there');
  });

  guarantee('about how large a gallery is, is told by counts that are kept', async (stores) => {
    assert.deepEqual(await stores.gallerySize('1001'), { persons: 0, faces: 0 });
    assert.deepEqual(await stores.gallerySize('1001', ['g']), { persons: 0, faces: 0 });
    await stores.of('1001').write(async (store) => {
      for (const [id, groupIds, faces] of [
        ['p', ['g', 'h'], ['1', '2', '3']],
        ['q', ['g'], ['4']],
      ] as const) {
        await store.insertPerson(person(id));
        await store.joinGroups(id, groupIds, limitsOfStore);
        for (const one of faces) await store.insertFace(face(one, id), limitsOfStore);
      }
    });
    assert.deepEqual(await stores.gallerySize('1001'), { persons: 2, faces: 4 });
    assert.deepEqual(
      await stores.gallerySize('1001', ['h']),
      { persons: 1, faces: 2 },
      'as many as persons have on average',
    );
    assert.deepEqual(await stores.gallerySize('1001', ['g', 'h', 'i']), { persons: 3, faces: 6 });
    assert.deepEqual(await stores.gallerySize('1002', ['g']), { persons: 0, faces: 0 });
  });

  guarantee('the audit tells who changed what of appids and keys, and neither names nor notes', async (stores) => {
    const { tenants, keys } = stores;
    await tenants.add('1001', { limits: { groups: 7 }, note: 'a secret note' });
    await keys.addKey({ ...key, name: 'a secret name', endpoints: [] }, []);
    await keys.setKey('k', { name: 'another', endpoints: ['detect'], expiresAt: null });
    await tenants.set('1001', { limits: { groups: null }, buckets: ['b'], note: '' });
    assert.equal(await tenants.set('1002', { note: 'n' }), false);
    assert.equal(await keys.setKey('z', { name: 'n' }), false);
    const lines = await stores.audit.reader.newest({ appid: '1001' }, 10);
    assert.deepEqual(
      lines.map(({ action, detail }) => [action, detail]),
      [
        ['tenants add', { groups: 7, note: 'changed' }],
        ['keys add', { secret_id: 'k', buckets: [], name: 'changed', endpoints: [] }],
        ['keys set', { secret_id: 'k', name: 'changed', expires: null, endpoints: ['detect'] }],
        ['tenants set', { groups: null, buckets: ['b'], note: 'changed' }],
      ],
    );
    assert.deepEqual(await stores.audit.reader.newest({ appid: '1002' }, 10), []);
  });

  guarantee('every process has new limits, and new rights of a key, at once', async (stores, home) => {
    await using others = await home.open();
    await stores.keys.addKey(key, []);
    for (const { keys } of [stores, others]) {
      assert.deepEqual((await keys.findTenant('1001'))?.limits, {});
      assert.deepEqual(await keys.findKey('k'), key);
    }
    await others.tenants.set('1001', { limits: { callsInFlight: 2 } });
    const change = { name: 'till', expiresAt: 5, endpoints: ['getinfo', 'detect'] };
    assert.equal(await others.keys.setKey('k', change), true);
    await untilSeen();
    for (const { keys } of [stores, others]) {
      assert.deepEqual((await keys.findTenant('1001'))?.limits, { callsInFlight: 2 });
      assert.deepEqual(await keys.findKey('k'), { ...key, ...change });
    }
    assert.equal(await stores.keys.setKey('k', { name: null, endpoints: null }), true);
    assert.equal(await stores.keys.setKey('k', {}), true);
    const { secretKey: _, ...record } = key;
    assert.deepEqual(await stores.keys.listKeys(), [{ ...record, expiresAt: 5 }]);
    for (const nothing of [change, {}]) assert.equal(await stores.keys.setKey('z', nothing), false);
  });

  guarantee('a key is added with all that is known of it', async ({ keys }) => {
    const named = { ...key, name: 'n', expiresAt: 9, endpoints: [] };
    await keys.addKey(named, []);
    assert.deepEqual(await keys.findKey('k'), named);
  });

  guarantee('the last use of a key is written with the next count, and ends with its appid', async (stores, home) => {
    const { keys, usage } = stores;
    await keys.addKey(key, []);
    const noon = 1_800_000_000_000;
    keys.noteUse(key, noon);
    assert.deepEqual(await stores.keyUses(), new Map());
    await usage.count(call);
    await untilUsed(stores, noon);
    keys.noteUse(key, noon + 59_999);
    await usage.count(call);
    assert.equal((await stores.keyUses()).get('k'), noon, 'once in a minute is enough');
    {
      await using others = await home.open();
      others.keys.noteUse(key, noon - 1);
      others.keys.noteUse({ ...key, secretId: 'l', appid: '1002' }, noon);
    }
    assert.deepEqual(
      await stores.keyUses(),
      new Map([
        ['k', noon],
        ['l', noon],
      ]),
      'closing writes what is left',
    );
    keys.noteUse(key, noon + 60_000);
    await usage.count(call);
    await untilUsed(stores, noon + 60_000);
    await stores.removeTenant('1001');
    assert.deepEqual([...(await stores.keyUses()).keys()], ['l']);
  });
}
