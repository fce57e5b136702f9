import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CallWrites, CountedCall, Store } from '../../src/domain/stores.ts';
import { MapStore } from '../store/map-store.ts';
import { imageOf, now, serve, signed } from './served.ts';

const second = { authorization: signed({ appid: '2', secretId: 'S2' }, 'K2') };

test('the rate limit is of one appid alone: others call on', async () => {
  await using served = serve({ limits: { callsPerSecondMax: 2 } });
  const codes = async (headers: Record<string, string>, appid: string) => {
    const answers = await Promise.all([0, 1, 2].map(() => served.call('getgroupids', { appid }, headers)));
    return answers.map(({ code, status }) => [code, status]);
  };
  const taken = [-1307, 200];
  assert.deepEqual(await codes({}, '1'), [taken, taken, [15, 429]]);
  assert.deepEqual(await codes(second, '2'), [taken, taken, [15, 429]]);
});

test('a forged signature spends nothing of the rate of the appid that it names', async () => {
  await using served = serve({ limits: { callsPerSecondMax: 1 } });
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await served.call('getgroupids', {}, { authorization: signed({}, 'wrong') })).code, 14);
  }
  assert.equal((await served.call('getgroupids')).code, -1307);
});

test('a call is counted for the appid that signed it, and one whose signature is refused for nobody', async () => {
  await using served = serve();
  await served.call('getgroupids', {}, { authorization: signed({}, 'wrong') });
  await served.call('getgroupids', {}, { authorization: signed({ madeAt: now - 100, expires: now - 1 }) });
  await served.call('getgroupids', {}, { authorization: '' });
  assert.deepEqual(served.counted, []);
  await served.call('getgroupids', {}, second);
  const call = { day: '2026-11-30', secretId: 'S2', endpoint: 'getgroupids', code: 6, pictures: 0, faces: 0 };
  assert.deepEqual(served.counted, [{ appid: '2', ...call }]);
});

test('a call is answered when its count is durable, but who is told to come later does not wait for the disk', async () => {
  const counted: CountedCall[] = [];
  const disk = Promise.withResolvers<void>();
  const count = (call: CountedCall) => {
    counted.push(call);
    return disk.promise;
  };
  await using served = serve({ usage: { count, report: async () => [] }, limits: { callsMax: 1 } });
  let isAnswered = false;
  const first = served.call('getgroupids').then(({ code }) => {
    isAnswered = true;
    return code;
  });
  while (counted.length < 1) await setImmediate();
  const late = await served.call('getgroupids');
  assert.deepEqual([late.code, late.message], [15, 'too many requests calls in flight']);
  assert.ok(!isAnswered);
  disk.resolve();
  assert.equal(await first, -1307);
  assert.deepEqual(
    counted.map(({ code }) => code),
    [-1307, 15],
  );
});

test('a call that cannot be counted is answered all the same, and the log says so', async () => {
  const count = () => Promise.reject(new Error('disk'));
  await using served = serve({ usage: { count, report: async () => [] } });
  assert.equal((await served.call('getgroupids')).code, -1307);
  assert.ok(served.log.some(({ msg }) => msg === 'the call could not be counted'));
});

test('the id of a request is its session_id, its x-request-id, and the id of its line in the log', async () => {
  await using served = serve();
  await served.contextOf('1').store.insertPerson({ id: 'p', name: '', tag: '' });
  const { data, headers } = await served.call('setinfo', { person_id: 'p' });
  assert.match(data.session_id, /^[\da-f-]{36}$/);
  assert.equal(headers['x-request-id'], data.session_id);
  assert.deepEqual(
    served.log.filter(({ endpoint }) => endpoint === 'setinfo').map(({ id }) => id),
    [data.session_id],
  );
});

test('every answer says what it is, how long it is, and which request it answers', async () => {
  await using served = serve();
  const answers = [
    await served.call('getgroupids'),
    await served.send('/nothing'),
    await served.send('/face/getinfo', { method: 'GET' }),
    await served.send('/%zz'),
    await served.send('/healthz', { method: 'GET' }),
    await served.send('/openapi.json', { method: 'GET' }),
  ];
  for (const { headers, text } of answers) {
    assert.equal(headers['content-type'], 'application/json; charset=utf-8', text);
    assert.equal(headers['content-length'], String(Buffer.byteLength(text)), text);
    assert.match(String(headers['x-request-id']), /^[\da-f-]{36}$/, text);
  }
  assert.deepEqual(
    answers.map(({ status, code }) => [status, code]),
    [
      [200, -1307],
      [404, 3],
      [405, 3],
      [400, 3],
      [200, 0],
      [200, undefined],
    ],
  );
});

test('a wrong method is told which is right, whatever follows the path', async () => {
  await using served = serve();
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const) {
    const { status, headers } = await served.send('/face/getinfo?x=1', { method });
    assert.deepEqual([status, headers.allow], [405, 'POST'], method);
  }
  assert.equal((await served.send('/face/nothing', { method: 'GET' })).headers.allow, undefined);
});

test('a call that is counted with what it writes is not counted again, and one that wrote nothing is counted beside it', async () => {
  const counted: CountedCall[] = [];
  class CountingStore extends MapStore {
    writes: CallWrites | undefined;

    override async write<T>(work: (store: Store) => Promise<T>): Promise<T> {
      const result = await super.write(work);
      counted.push(this.writes!.call());
      this.writes!.counted();
      this.writes!.took(12.345);
      return result;
    }
  }
  const store = new CountingStore();
  const storeOf = (_appid: string, writes: CallWrites): Store => {
    store.writes = writes;
    return store;
  };
  await using served = serve({ storeOf });
  const person = { person_id: 'ada' };
  const newperson = { ...person, group_ids: ['g'], image: imageOf({ cosine: 1 }) };
  assert.equal((await served.call('newperson', newperson)).code, 0);
  assert.deepEqual(served.counted, []);
  const signer = { appid: '1', day: '2026-11-30', secretId: 'S1' };
  const call = { ...signer, endpoint: 'newperson', code: 0, pictures: 1, faces: 1 };
  assert.deepEqual(counted.splice(0), [call]);
  assert.deepEqual(served.log[0]?.stages, { ...(served.log[0]?.stages as object), write: 12.35 });
  assert.equal((await served.call('newperson', newperson)).code, -1302);
  assert.equal((await served.call('getinfo', person)).code, 0);
  assert.equal((await served.call('setinfo', { person_id: 'nobody' })).code, -1303);
  assert.deepEqual(counted, []);
  assert.deepEqual(
    served.counted.map(({ endpoint, code }) => [endpoint, code]),
    [
      ['newperson', -1302],
      ['getinfo', 0],
      ['setinfo', -1303],
    ],
  );
  for (const endpoint of ['setinfo', 'delperson'] as const) {
    assert.equal((await served.call(endpoint, person)).code, 0);
    assert.deepEqual(counted.splice(0), [{ ...call, endpoint, pictures: 0, faces: 0 }]);
  }
});
