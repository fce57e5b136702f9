/** What keys, spent signatures and usage guarantee, whichever the database is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { call, guarantees, type Home, isStorageFailure, person, reportMonth } from './fixtures.ts';

/**
 * Declares the tests of one database.
 * @param keysHoldMs how long a process may go on with what it has read of a key, in milliseconds.
 */
export function keysAndUsageSuite(database: string, makeHome: () => Promise<Home>, keysHoldMs = 0): void {
  const guarantee = guarantees(database, makeHome);
  const untilSeen = (): Promise<void> => (keysHoldMs === 0 ? Promise.resolve() : setTimeout(keysHoldMs));

  guarantee('a key is found, listed in order of creation, and revoked once', async (stores) => {
    const { keys } = stores;
    const key = { appid: '1001', secretKey: 's', createdAt: 1_800_000_000_000, revokedAt: null };
    assert.equal(await keys.findTenant('1001'), undefined);
    assert.equal(await keys.addKey({ ...key, secretId: 'z' }, ['album', 'avatars']), true);
    assert.equal(await keys.addKey({ ...key, secretId: 'a', createdAt: 1 }, []), true);
    assert.equal(await keys.addKey({ ...key, secretId: 'm', appid: '1002' }, []), true);
    assert.equal(await keys.addKey({ ...key, secretId: 'z', appid: '1003' }, ['x']), false);
    assert.deepEqual(await keys.findTenant('1001'), { appid: '1001', buckets: ['album', 'avatars'], limits: {} });
    assert.deepEqual(await keys.findTenant('1002'), { appid: '1002', buckets: [], limits: {} });
    assert.equal(await keys.findTenant('1003'), undefined);
    assert.equal(await keys.revokeKey('z', 1_900_000_000_000), true);
    assert.equal(await keys.revokeKey('z', 1_900_000_000_001), false);
    assert.equal(await keys.revokeKey('nothing', 1), false);
    assert.deepEqual(await keys.findKey('z'), { ...key, secretId: 'z', revokedAt: 1_900_000_000_000 });
    assert.equal(await keys.findKey('nothing'), undefined);
    assert.deepEqual(
      (await keys.listKeys()).map(({ secretId }) => secretId),
      ['z', 'a', 'm'],
    );
  });

  guarantee('another process sees a key, and its end, at once', async (stores, home) => {
    await using others = await home.open();
    const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
    assert.equal(await others.keys.findKey('k'), undefined);
    await stores.keys.addKey(key, []);
    assert.deepEqual(await others.keys.findKey('k'), key);
    await stores.keys.revokeKey('k', 2);
    await untilSeen();
    assert.equal((await others.keys.findKey('k'))?.revokedAt, 2);
  });

  guarantee('whatever is kept of keys ends at once with the key, the bucket or the appid', async (stores, home) => {
    await using others = await home.open();
    const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
    await stores.keys.addKey(key, ['one']);
    for (const { keys } of [stores, others]) {
      // Asked for twice, so that the second answer may come from what is kept.
      for (const _ of [1, 2]) assert.deepEqual(await keys.findKey('k'), key);
      for (const _ of [1, 2]) assert.deepEqual((await keys.findTenant('1001'))?.buckets, ['one']);
    }
    await others.keys.addKey({ ...key, secretId: 'l' }, ['two']);
    await untilSeen();
    for (const { keys } of [stores, others]) {
      assert.deepEqual((await keys.findTenant('1001'))?.buckets, ['one', 'two']);
      assert.deepEqual(await keys.findKey('k'), key);
    }
    await others.removeTenant('1001');
    await untilSeen();
    for (const { keys } of [stores, others]) {
      assert.equal(await keys.findTenant('1001'), undefined);
      assert.equal(await keys.findKey('k'), undefined);
    }
    await stores.keys.addKey({ ...key, secretKey: 'other' }, []);
    await untilSeen();
    for (const { keys } of [stores, others]) assert.equal((await keys.findKey('k'))?.secretKey, 'other');
  });

  guarantee(
    'a signature is spent once, by whomever and however often the stores are reopened',
    async (stores, home) => {
      const digest = createHash('sha256').update('signature').digest();
      await using others = await home.open();
      const spent = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? stores : others).keys.spendSignature('1001', digest)),
      );
      assert.equal(spent.filter(Boolean).length, 1);
      assert.equal(await stores.keys.spendSignature('1002', digest), true);
      await using later = await home.open();
      assert.equal(await later.keys.spendSignature('1001', digest), false);
    },
  );

  guarantee('an appid that spends signatures without a pause does not keep others from their turn', async (stores) => {
    const order: string[] = [];
    const spend = async (appid: string, i: number): Promise<void> => {
      await stores.keys.spendSignature(appid, createHash('sha256').update(`${i}`).digest());
      order.push(appid);
    };
    const begun = performance.now();
    await Promise.all(['1001', '1002'].map((appid) => spend(appid, 100)));
    // Turns are shared by the time that was used: the other one has used less, however slow its first one was.
    const enough = begun + 4 * (performance.now() - begun);
    for (let i = 101; performance.now() < enough; i++) await spend('1001', i);
    order.length = 0;
    const flood = Array.from({ length: 12 }, (_, i) => spend('1001', i));
    await Promise.all([...flood, spend('1002', 0)]);
    // Where several transactions run at once, those of others may be a little faster.
    assert.ok(order.indexOf('1002') < flood.length / 2, `${order}`);
  });

  guarantee('every call is counted, however many are counted at once and by whomever', async (stores, home) => {
    await using others = await home.open();
    const counts = Array.from({ length: 500 }, (_, i) =>
      (i % 5 ? stores : others).usage.count({ ...call, appid: i % 2 ? '1001' : '1002', code: i % 10 < 7 ? 0 : -1101 }),
    );
    await Promise.all([...counts, stores.usage.count({ ...call, endpoint: 'compare', pictures: 2, faces: 0 })]);
    const month = '2026-11';
    const rows = [
      { appid: '1001', month, endpoint: 'compare', ok: 1, failed: 0, pictures: 2, faces: 0 },
      { appid: '1001', month, endpoint: 'detect', ok: 150, failed: 100, pictures: 250, faces: 500 },
      { appid: '1002', month, endpoint: 'detect', ok: 200, failed: 50, pictures: 250, faces: 500 },
    ];
    assert.deepEqual(await reportMonth(stores.usage, month), rows);
    assert.deepEqual(await reportMonth(stores.usage, month, '1002'), rows.slice(2));
    assert.deepEqual(await reportMonth(stores.usage, '2026-12'), []);
  });

  guarantee('closing waits for what has begun, and refuses what comes after', async (_, home) => {
    const stores = await home.open();
    const store = stores.of('1001');
    const begun = [store.insertPerson(person('p')), store.insertPerson(person('q'))];
    const counted = stores.usage.count(call);
    await stores[Symbol.asyncDispose]();
    assert.deepEqual(await Promise.all(begun), [true, true]);
    await counted;
    await assert.rejects(store.insertPerson(person('r')), isStorageFailure);
    await assert.rejects(store.findPerson('p'), isStorageFailure);
    await assert.rejects(stores.usage.count(call), /closed/);
    await assert.rejects(stores.check());
    await using again = await home.open();
    assert.deepEqual(await again.of('1001').findPerson('q'), person('q'));
    assert.equal((await reportMonth(again.usage))[0]?.ok, 1);
  });
}
