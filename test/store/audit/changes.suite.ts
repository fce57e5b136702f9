/** What is guaranteed of the lines of changes. */
import assert from 'node:assert/strict';
import type { Stores } from '../../../src/store/open.ts';
import { face, limits, person, registerWithFace } from '../fixtures.ts';
import { brokenOf, callOf, type Guarantee, linesOf, told, write } from './lines.ts';

/** Declares the tests. */
export function changesTests(guarantee: Guarantee): void {
  guarantee('every change has one line, which says who made it, by what call, and what it touched', async (stores) => {
    const change = (endpoint: string, work: Parameters<ReturnType<Stores['of']>['write']>[0]) =>
      stores.of('1001', callOf(endpoint)).write(work);
    await change('newperson', async (store) => {
      await store.insertPerson({ id: 'p', name: 'a name', tag: 'a tag' });
      await store.joinGroups('p', ['g', 'h'], limits);
      await store.insertFace(face('1', 'p'), limits);
    });
    await change('addface', async (store) => {
      for (const id of ['2', '3']) await store.insertFace(face(id, 'p'), limits);
    });
    await change('setinfo', (store) => store.updatePerson('p', { name: 'another' }));
    await change('addgroupids', (store) => store.joinGroups('p', ['i'], limits));
    const before = await linesOf(stores);
    assert.deepEqual(told(before), [
      'newperson persons:p faces:1 groups:g,h',
      'addface persons:p faces:2,3',
      'setinfo persons:p',
      'addgroupids persons:p groups:i',
    ]);
    assert.deepEqual(
      before.map(({ kind, actor, requestId, code, sequence }) => [kind, actor, requestId, code, sequence]),
      ['newperson', 'addface', 'setinfo', 'addgroupids'].map((endpoint, i) => [
        'key',
        'AKID-of-a-test',
        `request of ${endpoint}`,
        0,
        i + 1,
      ]),
    );
    await change('delface', (store) => store.deleteFaces('p', ['2']));
    await change('delgroupids', (store) => store.leaveGroups('p', ['h']));
    await change('delperson', (store) => store.deletePerson('p'));
    assert.deepEqual(told(await linesOf(stores)), [
      'newperson persons:? faces:? groups:?,?',
      'addface persons:? faces:?,?',
      'setinfo persons:?',
      'addgroupids persons:? groups:?',
      'delface persons:? faces:?',
      'delgroupids persons:? groups:?',
      'delperson persons:? faces:?,? groups:?,?',
    ]);
    assert.deepEqual(await brokenOf(stores), []);
  });

  guarantee('what is undone, or changes nothing, has no line', async (stores) => {
    const store = stores.of('1001', callOf('newperson'));
    const undone = store.write(async (store) => {
      await store.insertPerson(person('p'));
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    await store.write(async (store) => {
      await store.findPerson('p');
      assert.equal(await store.updatePerson('p', { name: 'n' }), false);
      assert.equal(await store.deletePerson('p'), false);
      assert.equal(await store.leaveGroups('p', ['g']), 0);
      assert.deepEqual(await store.deleteFaces('p', ['1']), []);
    });
    await registerWithFace(store, 'q', 'g', '1');
    await store.write(async (store) => {
      assert.equal(await store.insertPerson(person('q')), false);
      assert.equal(await store.updatePerson('q', {}), true);
      assert.deepEqual(await store.joinGroups('q', ['g'], limits), { joined: 0 });
      assert.equal(await store.insertFace(face('2', 'q'), { ...limits, facesPerPersonMax: 1 }), false);
    });
    assert.deepEqual(told(await linesOf(stores)), ['newperson persons:q faces:1 groups:g']);
  });

  guarantee(
    'a write within a write is told by the line of the outer one, and a change by itself by its own',
    async (stores) => {
      const store = stores.of('1001', callOf('newperson'));
      await store.write(async (store) => {
        await store.insertPerson(person('p'));
        await store.write((store) => store.insertFace(face('1', 'p'), limits));
      });
      await store.insertFace(face('2', 'p'), limits);
      const lines = await linesOf(stores);
      assert.deepEqual(told(lines), ['newperson persons:p faces:1', 'open persons:p faces:2']);
      assert.equal(lines[1]?.kind, 'server');
    },
  );

  guarantee('who is erased and registered again in one transaction is still told by the id', async (stores) => {
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await stores.of('1001').write(async (store) => {
      await store.deletePerson('p');
      await store.insertPerson(person('p'));
      await store.joinGroups('p', ['g'], limits);
    });
    assert.deepEqual(told(await linesOf(stores)), [
      'open persons:p faces:? groups:g',
      'open persons:p faces:? groups:g',
    ]);
  });

  guarantee('a group that goes on is still told by its id, and one that ended is not', async (stores) => {
    const store = stores.of('1001');
    await registerWithFace(store, 'p', 'shared', '1');
    await registerWithFace(store, 'q', 'shared', '2');
    await store.joinGroups('p', ['own'], limits);
    await store.deletePerson('p');
    assert.deepEqual(
      told(await linesOf(stores)).map((line) => line.slice('open '.length)),
      [
        'persons:? faces:? groups:shared',
        'persons:q faces:2 groups:shared',
        'persons:? groups:?',
        'persons:? faces:? groups:shared,?',
      ],
    );
  });

  guarantee(
    'of an erased person no plain id is left in the audit, and its lines are found by who names the id',
    async (stores, home) => {
      const store = stores.of('1001');
      await registerWithFace(store, 'whoever-was-erased', 'the-group-of-one', 'the-erased-face');
      await registerWithFace(store, 'q', 'h', '2');
      await store.deletePerson('whoever-was-erased');
      const kept = JSON.stringify([await home.ask('select * from audit'), await home.ask('select * from audit_ids')]);
      for (const id of ['whoever-was-erased', 'the-group-of-one', 'the-erased-face']) assert.ok(!kept.includes(id), id);
      assert.equal((await home.ask('select * from audit_ids')).length, 3);
      const { reader } = stores.audit;
      for (const id of ['whoever-was-erased', 'the-erased-face', 'the-group-of-one']) {
        const lines = await reader.newest({ appid: '1001', id }, 10);
        assert.deepEqual(
          lines.map(({ sequence }) => sequence),
          [1, 3],
          id,
        );
        assert.deepEqual(await reader.registered('1001', id), []);
      }
      assert.deepEqual(await reader.registered('1001', 'q'), ['persons']);
      assert.deepEqual(await reader.newest({ appid: '1001', id: 'nobody' }, 10), []);
      await assert.rejects(reader.newest({ id: 'q' }, 10), /give the appid/);
    },
  );

  guarantee('one id has another digest as a person, a face and a group, and in another appid', async (stores, home) => {
    for (const appid of ['1001', '1002']) await registerWithFace(stores.of(appid), 'same', 'same', 'same');
    const digests = (await home.ask('select digest from audit_ids')).map(({ digest }) => digest);
    assert.equal(new Set(digests).size, 6);
  });

  guarantee(
    'changes of many at once are each in the chain of their appid, none lost and none broken',
    async (stores) => {
      const appids = ['1001', '1002', '1003'];
      await Promise.all(
        Array.from({ length: 45 }, (_, i) => registerWithFace(stores.of(appids[i % 3]!), `p${i}`, 'g', String(i))),
      );
      for (const appid of appids) {
        const lines = await linesOf(stores, appid);
        assert.deepEqual(
          lines.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
          Array.from({ length: 15 }, (_, i) => i + 1),
        );
      }
      assert.deepEqual(await brokenOf(stores), []);
    },
  );

  guarantee('lines are asked for by actor, endpoint and time', async (stores) => {
    await write(stores, 3);
    await stores.of('1001', callOf('delperson')).write((store) => store.deletePerson('p'));
    const { reader } = stores.audit;
    const [, second, third] = await linesOf(stores);
    const count = async (query: Parameters<typeof reader.newest>[0]) => (await reader.newest(query, 10)).length;
    assert.equal(await count({ action: 'setinfo' }), 3);
    assert.equal(await count({ actor: 'AKID-of-a-test', action: 'delperson' }), 1);
    assert.equal(await count({ actor: 'somebody' }), 0);
    assert.equal(await count({ appid: '1002' }), 0);
    assert.ok((await count({ from: second!.at })) >= 2);
    assert.equal(await count({ to: second!.at, from: third!.at + 1 }), 0);
    assert.deepEqual(
      (await reader.newest({}, 1)).map(({ action }) => action),
      ['delperson'],
    );
    const all = (await Array.fromAsync(reader.all({ action: 'setinfo' }))).flat();
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      [1, 2, 3],
    );
  });
}
