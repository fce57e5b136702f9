/** What transactions and snapshots guarantee, whichever the database is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { face, guarantees, type Home, idsOf, isStorageFailure, limits, person, registerWithFace } from './fixtures.ts';

/** Declares the tests of one database. */
export function transactionsSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a transaction that throws leaves nothing behind, and its error comes out as it is', async (stores) => {
    const store = stores.of('1001');
    const mistake = new TypeError('a mistake');
    const writing = store.write(async (store) => {
      await registerWithFace(store, 'p', 'g', '1');
      throw mistake;
    });
    await assert.rejects(writing, (error) => error === mistake);
    assert.equal(await store.findPerson('p'), undefined);
    assert.equal(await store.groups(), undefined);
    assert.equal(await store.findFace('1'), undefined);
    assert.deepEqual(await store.embeddingsOf('p', 'sha256:0'), []);
  });

  guarantee('a transaction whose statement failed is undone even if the failure is caught', async (stores) => {
    const store = stores.of('1001');
    const writing = store.write(async (store) => {
      await store.insertPerson(person('p'));
      await store.insertFace(face('1', 'nobody'), limits).catch(() => {});
    });
    await assert.rejects(writing, isStorageFailure);
    assert.equal(await store.findPerson('p'), undefined);
  });

  guarantee('a registry that is written without a pause does not keep others from their turn', async (stores) => {
    const order: string[] = [];
    const write = (appid: string, personId: string): Promise<void> =>
      stores.of(appid).write(async (store) => {
        await store.insertPerson(person(personId));
        order.push(appid);
      });
    const begun = performance.now();
    await Promise.all(['1001', '1002'].map((appid) => write(appid, 'first')));
    // Turns are shared by the time that was used: the other one has used less, however slow its first one was.
    const enough = begun + 4 * (performance.now() - begun);
    for (let i = 0; performance.now() < enough; i++) await write('1001', `before${i}`);
    order.length = 0;
    const flood = Array.from({ length: 12 }, (_, i) => write('1001', `p${i}`));
    await Promise.all([...flood, write('1002', 'p')]);
    // Where several transactions run at once, those of others may be a little faster.
    assert.ok(order.indexOf('1002') < flood.length / 2, `${order}`);
  });

  guarantee('a write within a write joins it', async (stores) => {
    const store = stores.of('1001');
    await store.write(async (store) => {
      await store.insertPerson(person('p'));
      await store.write(async (store) => {
        assert.deepEqual(await store.findPerson('p'), person('p'));
        await store.read(async (store) => assert.deepEqual(await store.findPerson('p'), person('p')));
        await store.insertPerson(person('q'));
      });
    });
    assert.deepEqual(await store.findPerson('q'), person('q'));
  });

  guarantee('a read within a transaction or a snapshot gives what its work finds there', async (stores) => {
    const store = stores.of('1001');
    const find = (store: Store) => store.findPerson('p');
    const inWrite = await store.write(async (store) => {
      await store.insertPerson(person('p'));
      return store.read(find);
    });
    assert.deepEqual(inWrite, person('p'));
    const inRead = await store.read(async (snapshot) => {
      const before = await snapshot.read(find);
      await store.deletePerson('p');
      return [before, await snapshot.read(find)];
    });
    assert.deepEqual(inRead, [person('p'), person('p')]);
  });

  guarantee('a write within a write undoes both when it throws, even if it is caught', async (stores) => {
    const store = stores.of('1001');
    const writing = store.write(async (store) => {
      await store.insertPerson(person('p'));
      const inner = store.write(async (store) => {
        await store.insertPerson(person('q'));
        throw new Error('inner');
      });
      await inner.catch(() => {});
    });
    await assert.rejects(writing, /inner/);
    assert.equal(await store.findPerson('p'), undefined);
    assert.equal(await store.findPerson('q'), undefined);
  });

  guarantee('a write that goes around the store handed over is refused, not waited for', async (stores) => {
    const outer = stores.of('1001');
    await outer.write(async (store) => {
      await assert.rejects(outer.insertPerson(person('p')), isStorageFailure);
      await assert.rejects(
        stores.of('1002').write(async () => {}),
        isStorageFailure,
      );
      await store.insertPerson(person('q'));
    });
    assert.deepEqual(await outer.findPerson('q'), person('q'));
    assert.equal(await outer.insertPerson(person('p')), true);
  });

  guarantee('a store handed over is of no use after its transaction', async (stores) => {
    const store = stores.of('1001');
    const escaped = await store.write(async (store) => store);
    await assert.rejects(escaped.insertPerson(person('p')), isStorageFailure);
    await assert.rejects(escaped.findPerson('p'), isStorageFailure);
    assert.equal(await store.findPerson('p'), undefined);
  });

  guarantee('a call that its transaction does not wait for is refused, not half done', async (stores) => {
    const store = stores.of('1001');
    for (const id of ['p', 'q']) await store.insertPerson(person(id));
    const one = { ...limits, groupsMax: 1 };
    const { straggler } = await store.write(async (store) => ({
      straggler: assert.rejects(store.joinGroups('p', ['g'], one), isStorageFailure),
    }));
    await straggler;
    assert.deepEqual(await store.joinGroups('q', ['h'], one), { joined: 1 });
    assert.deepEqual(idsOf(await store.groups()), ['h']);
  });

  guarantee('a snapshot does not change, and cannot be written to', async (stores) => {
    const store = stores.of('1001');
    await store.read(async (snapshot) => {
      assert.equal(await snapshot.findPerson('p'), undefined);
      await store.insertPerson(person('p'));
      assert.equal(await snapshot.findPerson('p'), undefined);
      assert.deepEqual(await store.findPerson('p'), person('p'));
      await assert.rejects(snapshot.insertPerson(person('q')), /snapshot/);
      await assert.rejects(
        snapshot.write(async () => {}),
        /snapshot/,
      );
    });
    assert.deepEqual(await store.findPerson('p'), person('p'));
  });

  guarantee('what a reader does with a snapshot throws as it is', async (stores) => {
    const refusal = new Refusal('personUnknown', 'p');
    const reading = stores.of('1001').read(async () => {
      throw refusal;
    });
    await assert.rejects(reading, (error) => error === refusal);
  });

  test(`${database}: a transaction that does not end is ended, and holds up nobody`, async () => {
    await using home = await makeHome();
    await using stores = await home.open({ transactionTimeoutMs: 100 });
    const store = stores.of('1001');
    const lateWrite = Promise.withResolvers<boolean>();
    const hanging = store.write(async (store) => {
      await store.insertPerson(person('p'));
      await new Promise((resolve) => setTimeout(resolve, 300));
      store.insertPerson(person('late')).then(lateWrite.resolve, lateWrite.reject);
      await new Promise(() => {});
    });
    const next = store.insertPerson(person('next'));
    await assert.rejects(hanging, isStorageFailure);
    await assert.rejects(
      store.read(() => new Promise(() => {})),
      isStorageFailure,
    );
    assert.equal(await next, true);
    await assert.rejects(lateWrite.promise, isStorageFailure);
    assert.equal(await store.findPerson('p'), undefined);
    assert.equal(await store.findPerson('late'), undefined);
  });
}
