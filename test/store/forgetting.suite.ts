/** Changes are forgotten so that the feed does not keep who was erased; no follower may miss one without knowing. */
import assert from 'node:assert/strict';
import type { Store } from '../../src/domain/stores.ts';
import { changesSince, guarantees, type Home, limits, person, registerWithFace } from './fixtures.ts';

/** Makes five changes: a person joins as many groups. */
async function makeFiveChanges(store: Store): Promise<void> {
  await store.insertPerson(person('p'));
  for (let i = 1; i <= 5; i++) await store.joinGroups('p', [`g${i}`], limits);
}

/** Declares the tests of one database. */
export function forgettingSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee(
    'a change that is forgotten is never missed unknowingly, and its number never comes again',
    async (stores) => {
      const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
      await registerWithFace(store, 'p', 'g', '1');
      const last = await feed.position();
      await feed.prune(last);
      assert.equal(await changesSince(feed, last - 1, 'sha256:0'), undefined);
      assert.equal(await changesSince(feed, last + 1, 'sha256:0'), undefined, 'a database put back in time');
      await store.deletePerson('p');
      assert.deepEqual(await changesSince(feed, last, 'sha256:0'), {
        position: last + 1,
        changes: [{ kind: 'removePerson', personId: 'p' }],
      });
    },
  );

  guarantee('what one follower has forgotten, a slower one does not bring back', async (stores) => {
    const feed = stores.feedOf('1001');
    await makeFiveChanges(stores.of('1001'));
    await feed.prune(4);
    await feed.prune(2);
    assert.equal(await changesSince(feed, 3, 'sha256:0'), undefined, 'change 4 is gone');
    assert.deepEqual(await changesSince(feed, 4, 'sha256:0'), {
      position: 5,
      changes: [{ kind: 'joinGroup', personId: 'p', groupId: 'g5' }],
    });
  });

  guarantee('changes after the position that is forgotten stay, and so do those of others', async (stores) => {
    for (const appid of ['1001', '1002']) await makeFiveChanges(stores.of(appid));
    await stores.feedOf('1001').prune(2);
    const groupsSince = async (appid: string, position: number) =>
      (await changesSince(stores.feedOf(appid), position, 'sha256:0'))?.changes.map(
        (change) => 'groupId' in change && change.groupId,
      );
    assert.equal(await groupsSince('1001', 1), undefined);
    assert.deepEqual(await groupsSince('1001', 2), ['g3', 'g4', 'g5']);
    assert.deepEqual(await groupsSince('1002', 0), ['g1', 'g2', 'g3', 'g4', 'g5']);
  });

  guarantee('changes that are yet to come cannot be forgotten', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    await feed.prune(1);
    await makeFiveChanges(store);
    await feed.prune(7);
    assert.equal((await changesSince(feed, 0, 'sha256:0'))?.changes.length, 5);
    assert.deepEqual(await changesSince(feed, 5, 'sha256:0'), { position: 5, changes: [] });
    await store.leaveGroups('p', ['g1']);
    assert.equal((await changesSince(feed, 5, 'sha256:0'))?.changes.length, 1);
  });

  guarantee('however many changes are forgotten at once, all of them are, and none after them', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    await store.insertPerson(person('p'));
    await store.write(async (store) => {
      for (let i = 0; i < 251; i++) await store.joinGroups('p', [`g${i}`], limits);
    });
    await feed.prune(250);
    assert.equal(await changesSince(feed, 249, 'sha256:0'), undefined);
    assert.deepEqual((await changesSince(feed, 250, 'sha256:0'))?.changes, [
      { kind: 'joinGroup', personId: 'p', groupId: 'g250' },
    ]);
  });
}
