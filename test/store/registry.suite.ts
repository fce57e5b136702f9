/** What a registry guarantees, whichever the database is. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limits } from '../../src/domain/stores.ts';
import type { ChangeBatch } from '../../src/sync/change-feed.ts';
import { changesSince, face, guarantees, type Home, idsOf, limits, person, registerWithFace } from './fixtures.ts';
import { MapStore } from './map-store.ts';
import { anyCommand, outcome, view } from './model.ts';

/**
 * Declares the tests of one database.
 * @param numRuns how many sequences of commands are tried.
 */
export function registrySuite(database: string, makeHome: () => Promise<Home>, numRuns = 200): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('any sequence of commands means what it means to a Map, whatever another appid does', async (stores) => {
    let appids = 0;
    const commands = fc.array(fc.tuple(fc.nat({ max: 1 }), anyCommand), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(commands, async (commands) => {
        const registries = [0, 1].map(() => ({ kept: stores.of(String(++appids)), expected: new MapStore() }));
        for (const [which, command] of commands) {
          const { kept, expected } = registries[which]!;
          assert.deepEqual(await outcome(kept, command), await outcome(expected, command));
        }
        for (const { kept, expected } of registries) assert.deepEqual(await view(kept), await view(expected));
      }),
      { numRuns },
    );
  });

  guarantee('of 200 registrations of one id at once exactly one succeeds', async (stores) => {
    const store = stores.of('1001');
    const inserted = await Promise.all(Array.from({ length: 200 }, () => store.insertPerson(person('p'))));
    assert.equal(inserted.filter(Boolean).length, 1);
  });

  guarantee('a registration that is refused undoes its transaction, whatever the work makes of it', async (stores) => {
    const store = stores.of('1001');
    const small: Limits = { groupsMax: 2, personsPerGroupMax: 1, facesPerPersonMax: 1 };
    const ofPerson = (id: string, groupIds: string[]) => ({ person: person(id), groupIds, face: face('2', id) });
    await registerWithFace(store, 'p', 'full', '1');
    const before = await stores.feedOf('1001').position();
    for (const [member, refused, limits] of [
      [ofPerson('p', ['new']), { refusal: 'personExists', id: 'p' }, small],
      [ofPerson('q', ['new', 'full']), { refusal: 'tooManyPersons', id: 'full' }, small],
      [ofPerson('q', ['new', 'newer']), { refusal: 'tooManyGroups', id: 'newer' }, small],
      [ofPerson('q', ['new']), { refusal: 'tooManyFaces', id: '' }, { ...small, facesPerPersonMax: 0 }],
    ] as const) {
      const outcome = await store.write(async (store) => {
        await store.insertPerson(person('other'));
        return store.register(member, limits);
      });
      assert.deepEqual(outcome, refused);
      assert.deepEqual(await store.register(member, limits), refused);
    }
    for (const id of ['q', 'other']) assert.equal(await store.findPerson(id), undefined);
    assert.deepEqual(idsOf(await store.groups()), ['full']);
    assert.deepEqual(idsOf(await store.facesOf('p')), ['1']);
    assert.equal(await stores.feedOf('1001').position(), before);
    assert.equal(await store.register(ofPerson('q', ['new']), small), undefined);
    assert.deepEqual(idsOf(await store.membersOf('new')), ['q']);
  });

  guarantee('a registration is followed as its memberships, then its face', async (stores) => {
    const kept = face('1', 'p');
    let told: ChangeBatch | undefined;
    let from: number | undefined;
    stores.watch(async (_, written) => {
      from = written?.from;
      told = written?.batch(kept.model);
    });
    await stores.of('1001').register({ person: person('p'), groupIds: ['g', 'h'], face: kept }, limits);
    const followed = await changesSince(stores.feedOf('1001'), 0, kept.model);
    assert.deepEqual(
      followed?.changes.map(({ kind }) => kind),
      ['joinGroup', 'joinGroup', 'insertFace'],
    );
    assert.equal(from, 0);
    assert.deepEqual(told, { ...followed, isLast: true }, 'who follows is told the same as is read');
    const other = await changesSince(stores.feedOf('1001'), 0, 'another model');
    assert.equal(other?.changes.length, 2);
  });

  guarantee('limits hold however many come at once', async (stores) => {
    const store = stores.of('1001');
    const small: Limits = { groupsMax: 4, personsPerGroupMax: 10, facesPerPersonMax: 5 };
    const ids = Array.from({ length: 30 }, (_, i) => String(i));
    await Promise.all(ids.map((id) => store.insertPerson(person(id))));
    const joinings = await Promise.all(ids.map((id) => store.joinGroups(id, ['g'], small)));
    assert.equal(joinings.filter((joining) => 'joined' in joining).length, 10);
    assert.equal(joinings.filter((joining) => 'refusal' in joining && joining.refusal === 'tooManyPersons').length, 20);
    assert.equal(idsOf(await store.membersOf('g'))?.length, 10);
    const foundings = await Promise.all(ids.map((id) => store.joinGroups(id, [`g${id}`], small)));
    assert.equal(foundings.filter((joining) => 'joined' in joining).length, 3);
    assert.equal(foundings.filter((joining) => 'refusal' in joining && joining.refusal === 'tooManyGroups').length, 27);
    assert.equal(idsOf(await store.groups())?.length, 4);
    const faces = await Promise.all(ids.map((id) => store.insertFace(face(id, '0'), small)));
    assert.equal(faces.filter(Boolean).length, 5);
    assert.equal(idsOf(await store.facesOf('0'))?.length, 5);
  });

  guarantee('room that is given back can be taken again', async (stores) => {
    const store = stores.of('1001');
    const small: Limits = { groupsMax: 1, personsPerGroupMax: 1, facesPerPersonMax: 1 };
    for (const id of ['p', 'q']) await store.insertPerson(person(id));
    assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 1 });
    assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 0 });
    assert.deepEqual(await store.joinGroups('q', ['g'], small), { refusal: 'tooManyPersons', groupId: 'g' });
    assert.deepEqual(await store.joinGroups('q', ['h'], small), { refusal: 'tooManyGroups', groupId: 'h' });
    assert.equal(await store.deletePerson('p'), true);
    assert.deepEqual(await store.joinGroups('q', ['h'], small), { joined: 1 });
    assert.equal(await store.leaveGroups('q', ['h']), 1);
    assert.deepEqual(await store.joinGroups('q', ['g'], small), { joined: 1 });
    assert.equal(await store.insertFace(face('1', 'q'), small), true);
    assert.equal(await store.insertFace(face('2', 'q'), small), false);
    assert.deepEqual(await store.deleteFaces('q', ['2', '1']), ['1']);
    assert.equal(await store.insertFace(face('2', 'q'), small), true);
  });

  guarantee('a registry that begins with a face has room for as many groups as any other', async (stores) => {
    const store = stores.of('1001');
    const small: Limits = { ...limits, groupsMax: 1 };
    await store.insertPerson(person('p'));
    await store.insertFace(face('1', 'p'), small);
    assert.deepEqual(await store.joinGroups('p', ['g'], small), { joined: 1 });
    assert.deepEqual(await store.joinGroups('p', ['h'], small), { refusal: 'tooManyGroups', groupId: 'h' });
  });

  guarantee('a group ends with its last member, and comes back at the end of the order', async (stores) => {
    const store = stores.of('1001');
    for (const id of ['p', 'q', 'r']) await store.insertPerson(person(id));
    for (const group of ['a', 'b', 'c']) await store.joinGroups('p', [group], limits);
    await store.joinGroups('q', ['b'], limits);
    assert.equal(await store.leaveGroups('p', ['a']), 1);
    assert.equal(await store.leaveGroups('p', ['a']), 0);
    assert.equal(await store.membersOf('a'), undefined);
    assert.deepEqual(idsOf(await store.groups()), ['b', 'c']);
    await store.joinGroups('r', ['a'], limits);
    assert.deepEqual(idsOf(await store.groups()), ['b', 'c', 'a']);
    await store.joinGroups('p', ['a'], limits);
    assert.deepEqual(idsOf(await store.membersOf('a')), ['r', 'p']);
    assert.deepEqual(idsOf(await store.groupsOf('p')), ['b', 'c', 'a']);
    await store.deletePerson('p');
    assert.deepEqual(idsOf(await store.groups()), ['b', 'a']);
    assert.deepEqual(idsOf(await store.membersOf('b')), ['q']);
  });

  guarantee('the first group that has no room is told, and none of the groups is joined', async (stores) => {
    const store = stores.of('1001');
    const small = { ...limits, groupsMax: 3, personsPerGroupMax: 1 };
    for (const id of ['p', 'q']) await store.insertPerson(person(id));
    assert.deepEqual(await store.joinGroups('q', ['full', 'other'], small), { joined: 2 });
    for (const [asked, refusal, groupId] of [
      [['new', 'beyond', 'full'], 'tooManyGroups', 'beyond'],
      [['new', 'full', 'beyond'], 'tooManyPersons', 'full'],
    ] as const) {
      assert.deepEqual(await store.joinGroups('p', asked, small), { refusal, groupId });
      assert.deepEqual(idsOf(await store.groupsOf('p')), []);
      assert.deepEqual(idsOf(await store.groups()), ['full', 'other']);
    }
  });

  guarantee('a group that ends makes room for another', async (stores) => {
    const store = stores.of('1001');
    const small = { ...limits, groupsMax: 2 };
    await store.insertPerson(person('p'));
    for (const groupIds of [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]) {
      assert.deepEqual(await store.joinGroups('p', groupIds, small), { joined: 2 });
      assert.equal(await store.leaveGroups('p', groupIds), 2);
    }
  });

  guarantee('thousands of groups are joined, followed and left as one is', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    const ids = Array.from({ length: 4_900 }, (_, i) => `group-${(i * 2_654_435_761) % 2 ** 32}`);
    for (const id of ['p', 'q']) await store.insertPerson(person(id));
    assert.deepEqual(await store.joinGroups('q', ids.slice(0, 3), limits), { joined: 3 });
    const begin = await feed.position();
    assert.deepEqual(await store.joinGroups('p', ids, limits), { joined: ids.length });
    assert.deepEqual(idsOf(await store.groupsOf('p')), ids);
    assert.deepEqual(idsOf(await store.groups()), ids);
    const { changes } = (await changesSince(feed, begin, 'sha256:0'))!;
    assert.deepEqual(
      changes.map((change) => change.kind === 'joinGroup' && change.groupId),
      ids,
    );
    const full = { ...limits, groupsMax: ids.length + 1 };
    assert.deepEqual(await store.joinGroups('q', [...ids.slice(0, 9), 'last', 'beyond', 'far'], full), {
      refusal: 'tooManyGroups',
      groupId: 'beyond',
    });
    assert.deepEqual(idsOf(await store.groupsOf('q')), ids.slice(0, 3));
    assert.equal(await store.leaveGroups('p', [...ids.slice(1), 'nothing']), ids.length - 1);
    assert.deepEqual(idsOf(await store.groupsOf('p')), ids.slice(0, 1));
    assert.deepEqual(idsOf(await store.groups()), ids.slice(0, 3));
    await store.joinGroups('p', ids, limits);
    assert.equal(await store.deletePerson('p'), true);
    assert.deepEqual(idsOf(await store.groups()), ids.slice(0, 3));
    assert.deepEqual(await store.joinGroups('q', ids, limits), { joined: ids.length - 3 });
  });

  guarantee('a person is erased with everything, and nobody else is touched', async (stores) => {
    const store = stores.of('1001');
    await registerWithFace(store, 'p', 'g', '1');
    await registerWithFace(store, 'q', 'g', '2');
    await registerWithFace(stores.of('1002'), 'p', 'g', '1');
    assert.equal(await store.deletePerson('p'), true);
    assert.equal(await store.deletePerson('p'), false);
    assert.equal(await store.findFace('1'), undefined);
    assert.equal(await store.facesOf('p'), undefined);
    assert.deepEqual(await store.embeddingsOf('p', 'sha256:0'), []);
    assert.deepEqual(idsOf(await store.membersOf('g')), ['q']);
    for (const [other, id, faceId] of [
      [store, 'q', '2'],
      [stores.of('1002'), 'p', '1'],
    ] as const) {
      assert.deepEqual(await other.embeddingsOf(id, 'sha256:0'), [{ faceId, embedding: face(faceId, id).embedding }]);
      assert.deepEqual(idsOf(await other.groupsOf(id)), ['g']);
    }
  });

  guarantee('a face keeps two decimals of its box', async (stores) => {
    const store = stores.of('1001');
    await store.insertPerson(person('p'));
    const box = { x: -0.004, y: 1 / 3, width: 99.995, height: 0.1 + 0.2 };
    await store.insertFace({ ...face('1', 'p'), box }, limits);
    assert.deepEqual((await store.findFace('1'))?.box, { x: 0, y: 0.33, width: 100, height: 0.3 });
  });
}
