/** Has the stores run every query that they have. */
import assert from 'node:assert/strict';
import type { Stores } from '../../src/store/open.ts';
import { act, call, changesSince, face, idsOf, limits, person } from './fixtures.ts';

/** Calls every method of every port, so that each runs all of its queries. */
export async function callEverything(stores: Stores): Promise<void> {
  const store = stores.of('1001');
  const small = { groupsMax: 1, personsPerGroupMax: 1, facesPerPersonMax: 20 };
  for (const id of ['p', 'q']) await store.insertPerson(person(id));
  for (const change of [{ name: 'n', tag: 't' }, { name: 'n' }, { tag: 't' }, {}])
    await store.updatePerson('p', change);
  assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 1 });
  assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 0 });
  assert.deepEqual(await store.joinGroups('q', ['g'], small), { refusal: 'tooManyPersons', groupId: 'g' });
  assert.deepEqual(await store.joinGroups('q', ['h'], small), { refusal: 'tooManyGroups', groupId: 'h' });
  assert.deepEqual(await store.joinGroups('q', ['g'], limits), { joined: 1 });
  for (const id of ['1', '2', '3']) await store.insertFace(face(id, 'p'), small);
  await Array.fromAsync(stores.feedOf('1001').contents('sha256:0', 1));
  await store.read(async (store) => {
    assert.notEqual(await store.findPerson('p'), undefined);
    assert.notEqual(await store.findFace('1'), undefined);
    assert.equal(idsOf(await store.facesOf('p'))?.length, 3);
    assert.equal((await store.embeddingsOf('p', 'sha256:0')).length, 3);
    assert.deepEqual(idsOf(await store.groupsOf('p')), ['g']);
    assert.deepEqual(idsOf((await store.findDetails('p'))?.groupIds), ['g']);
    assert.deepEqual(idsOf(await store.groups()), ['g']);
    assert.deepEqual(idsOf(await store.membersOf('g')), ['p', 'q']);
    assert.equal(await store.hasAnyGroup(['h', 'g']), true);
    assert.equal((await store.findFaces(['1', '9'])).length, 1);
    assert.equal((await store.findEmbeddings(['1', '9'], 'sha256:0')).length, 1);
  });
  assert.deepEqual(await stores.gallerySize('1001', ['g']), { persons: 2, faces: 3 });
  assert.deepEqual(await store.deleteFaces('p', ['1', '2']), ['1', '2']);
  assert.equal(await store.leaveGroups('q', ['g']), 1);
  assert.equal(await store.deletePerson('p'), true);
  await callFeed(stores);
  await callTheRest(stores);
}

async function callFeed(stores: Stores): Promise<void> {
  assert.deepEqual(await stores.appids(), ['1001']);
  assert.equal(await stores.countFaces('sha256:0'), 0);
  const feed = stores.feedOf('1001');
  const last = await feed.position();
  assert.equal((await changesSince(feed, 0, 'sha256:0'))?.position, last);
  await Array.fromAsync(feed.contents('sha256:0', 1));
  await feed.prune(last);
  assert.equal(await changesSince(feed, 0, 'sha256:0'), undefined);
}

async function callTheRest({ of, keys, usage, statements, foldUsage }: Stores): Promise<void> {
  const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
  assert.equal(await keys.addKey(key, ['album']), true);
  assert.notEqual(await keys.findTenant('1001'), undefined);
  assert.notEqual(await keys.findKey('k'), undefined);
  assert.equal((await keys.listKeys()).length, 1);
  assert.equal(await keys.revokeKey('k', 2), true);
  assert.equal(await keys.spendSignature('1001', new Uint8Array(32)), true);
  await usage.count(call);
  const writes = { call: () => call, act: () => act, counted: () => {}, took: () => {} };
  await of('1001', writes).write((store) => store.insertPerson(person('counted')));
  for (const appid of [undefined, call.appid]) {
    for (const by of [['day', 'month', 'secretId', 'endpoint', 'code'], []] as const) {
      for (const to of ['2026-11-30', '2026-12-01'])
        assert.equal((await usage.report({ from: '2026-11-30', to, appid, by })).length, 1);
    }
  }
  await usage.count({ ...call, day: '2020-01-01' });
  await foldUsage('2026-11-30');
  assert.notEqual(await statements.close('1001', '2026-11', async () => '{}'), undefined);
  assert.equal((await statements.list()).length, 1);
}
