/** What is told of what goes on in the databases, whichever they are. */
import assert from 'node:assert/strict';
import { call, guarantees, type Home, person, registerWithFace } from './fixtures.ts';

/** Declares the tests of one database. @param pools the names of its pools of connections. */
export function activitySuite(database: string, makeHome: () => Promise<Home>, pools: readonly string[]): void {
  const guarantee = guarantees(database, makeHome);

  guarantee(
    'each transaction is told of when it is over, well or not, and so are calls that are counted together',
    async (stores) => {
      const writes: string[] = [];
      const counted: number[] = [];
      stores.activity.watchWrites(
        ({ of, waitMs, ms }) => {
          assert.ok(waitMs >= 0 && ms > 0);
          writes.push(of);
        },
        (calls) => counted.push(calls),
      );
      await registerWithFace(stores.of('1001'), 'p', 'g', '1');
      const failing = stores.of('1001').write(async (store) => {
        await store.insertPerson(person('q'));
        throw new Error('undone');
      });
      await assert.rejects(failing, /undone/);
      assert.deepEqual(writes, ['register', 'register']);
      await Promise.all([stores.usage.count(call), stores.usage.count(call), stores.usage.count(call)]);
      assert.deepEqual(counted, [3]);
      assert.deepEqual(writes, ['register', 'register', 'calls']);
    },
  );

  guarantee('who waits for a turn is counted, and nobody when all are done', async (stores) => {
    const { activity } = stores;
    const first = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const holding = stores.of('1001').write(async (store) => {
      await store.findPerson('p');
      begun.resolve();
      await first.promise;
    });
    await begun.promise;
    const others = Array.from({ length: 12 }, (_, i) => stores.of('1001').insertPerson(person(String(i))));
    // On PostgreSQL some of them have a turn, and wait for the lock.
    assert.ok(activity.writesWaiting().register >= 4);
    assert.equal(activity.writesWaiting().calls, 0);
    first.resolve();
    await Promise.all([holding, ...others]);
    assert.equal(activity.writesWaiting().register, 0);
  });

  guarantee('the changes of each register are told, and the connections that are open', async (stores) => {
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await stores.of('1002').insertPerson(person('p'));
    const positions = await stores.activity.feedPositions();
    assert.equal(positions.get('1001'), 2);
    const open = stores.activity.pools();
    assert.deepEqual(
      open.map(({ name }) => name),
      pools,
    );
    for (const { busy, idle, waiting } of open) assert.deepEqual([busy >= 0, idle >= 0, waiting], [true, true, 0]);
    if (pools.length > 0) assert.ok(open.some(({ idle }) => idle > 0));
  });
}
