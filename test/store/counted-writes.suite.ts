/** What is guaranteed of calls that are counted with what they write, whichever the database is. */
import assert from 'node:assert/strict';
import type { CallWrites } from '../../src/domain/stores.ts';
import type { Refusal } from '../../src/errors/refusals.ts';
import { act, call, face, guarantees, type Home, limits, person, reportMonth } from './fixtures.ts';

/** A call that writes, with what it was told. */
interface WatchedCall extends CallWrites {
  readonly told: readonly string[];
}

function callOf(endpoint: string): WatchedCall {
  const told: string[] = [];
  return {
    told,
    call: () => ({ ...call, endpoint }),
    act: () => ({ ...act, action: endpoint }),
    counted: () => void told.push('counted'),
    took: (ms) => void told.push(ms >= 0 && ms < 60_000 ? 'took' : `took ${ms} ms`),
  };
}

/** Declares the tests of one database. */
export function countedWritesSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a call is counted with what it writes, once, and told of it when both are durable', async (stores) => {
    const own = callOf('newperson');
    const store = stores.of('1001', own);
    const counted = async () => (await reportMonth(stores.usage)).map(({ endpoint, ok }) => [endpoint, ok]);
    await store.write(async (store) => {
      assert.ok(await store.insertPerson(person('p')));
      // A write within a write is a part of it.
      await store.write((store) => store.joinGroups('p', ['g'], limits));
      assert.ok(await store.insertFace(face('1', 'p'), limits));
      assert.deepEqual([own.told, await counted()], [[], []]);
    });
    assert.deepEqual(own.told, ['counted', 'took']);
    assert.deepEqual(await counted(), [['newperson', 1]]);
    const another = callOf('newperson');
    await stores.of('1001', another).write(async (store) => {
      await store.write((store) => store.leaveGroups('p', ['g']));
    });
    assert.deepEqual(another.told, ['counted', 'took']);
    assert.deepEqual(await counted(), [['newperson', 2]]);
  });

  guarantee(
    'a registration of which a statement fails that nobody waits for is undone, and fails as that does',
    async (stores) => {
      const own = callOf('newperson');
      const twice = {
        ...face('1', 'p'),
        further: [{ model: face('1', 'p').model, embedding: face('1', 'p').embedding }],
      };
      const registering = stores.of('1001', own).write(async (store) => {
        assert.equal(await store.register({ person: person('p'), groupIds: ['g'], face: twice }, limits), undefined);
      });
      const isTold = ({ refusal, cause }: Refusal) => refusal === 'storageFailed' && /unique/i.test(String(cause));
      await assert.rejects(registering, isTold);
      assert.deepEqual(own.told, ['took']);
      assert.equal(await stores.of('1001').findPerson('p'), undefined);
      assert.deepEqual(await reportMonth(stores.usage), []);
    },
  );

  guarantee(
    'a face is encrypted with the key that its appid has, though it had another one a moment before',
    async (stores) => {
      const key = { secretId: 'k', appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
      const member = { person: person('p'), groupIds: ['g'], face: face('1', 'p') };
      for (const secretId of ['k', 'l']) {
        await stores.keys.addKey({ ...key, secretId }, []);
        assert.equal(await stores.of('1001').register(member, limits), undefined);
        const [crop] = await stores.of('1001').findCrops(['1']);
        assert.deepEqual(crop?.crop, member.face.crop);
        await stores.removeTenant('1001');
      }
    },
  );

  guarantee(
    'a registration beyond what its appid may keep is undone, whether it is the first or not',
    async (stores) => {
      const register = (appid: string, id: string, faceId: string, personsMax: number) =>
        stores
          .of(appid)
          .register({ person: person(id), groupIds: ['g'], face: face(faceId, id) }, { ...limits, personsMax });
      assert.equal(await register('1001', 'p', '1', 1), undefined);
      await assert.rejects(register('1001', 'q', '2', 1), { refusal: 'tooManyRequests' });
      await assert.rejects(register('1002', 'p', '3', 0), { refusal: 'tooManyRequests' });
      assert.equal(await stores.of('1001').findPerson('q'), undefined);
      assert.equal(await stores.of('1002').findPerson('p'), undefined);
    },
  );

  guarantee('a call whose write is undone, or that asks for no change, is not counted with it', async (stores) => {
    const own = callOf('addface');
    const store = stores.of('1001', own);
    const undone = store.write(async (store) => {
      await store.insertPerson(person('p'));
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    await store.write((store) => store.findPerson('p'));
    await store.read((store) => store.findPerson('p'));
    await store.insertPerson(person('q'));
    assert.deepEqual(own.told, ['took', 'took']);
    assert.deepEqual(await reportMonth(stores.usage), []);
  });

  guarantee('a report adds up the calls that wrote and those that did not, in order', async (stores) => {
    const count = (endpoint: string, appid = '1001') => stores.usage.count({ ...call, appid, endpoint, code: -1101 });
    const write = (endpoint: string, appid = '1001') =>
      stores.of(appid, { ...callOf(endpoint), call: () => ({ ...call, appid, endpoint }) }).write(async (store) => {
        await store.insertPerson(person(endpoint));
      });
    for (const one of [write('b'), count('b'), write('a', '1002'), count('c'), write('a'), count('0', '1002')])
      await one;
    const rows = await reportMonth(stores.usage);
    assert.deepEqual(
      rows.map(({ appid, endpoint, ok, failed }) => [appid, endpoint, ok, failed]),
      [
        ['1001', 'a', 1, 0],
        ['1001', 'b', 1, 1],
        ['1001', 'c', 0, 1],
        ['1002', '0', 0, 1],
        ['1002', 'a', 1, 0],
      ],
    );
    const both = { appid: '1001', month: '2026-11', endpoint: 'b', ok: 1, failed: 1, pictures: 2, faces: 4 };
    assert.deepEqual(rows[1], both);
    assert.deepEqual(
      (await reportMonth(stores.usage, undefined, '1002')).map(({ endpoint }) => endpoint),
      ['0', 'a'],
    );
    assert.deepEqual(await reportMonth(stores.usage, '2026-12'), []);
  });
}
