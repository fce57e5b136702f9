/** Calls that operators make for appids: within the limits of the appid, counted, and behind the calls of the face API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPerson } from '../../src/domain/persons.ts';
import { detectFaces } from '../../src/domain/recognition.ts';
import type { AuditedCall, CallWrites, CountedCall } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { type OperatorCall, operatorsKey } from '../../src/http/operator-calls.ts';
import type { MapStore } from '../store/map-store.ts';
import { pictureOf, type Served, serve } from './served.ts';

/** A server that notes what it counts, and what the audit is told. */
function open(replaced: Parameters<typeof serve>[0] = {}) {
  const counted: (readonly [CountedCall, AuditedCall | undefined])[] = [];
  const usage = {
    count: async (call: CountedCall, audited?: AuditedCall) => void counted.push([call, audited]),
    report: async () => [],
  };
  return Object.assign(serve({ usage, ...replaced }), { counts: counted });
}

const make = ({ server }: Served, change: Partial<OperatorCall> = {}, pictures = [alone(pictureOf({ cosine: 1 }))]) =>
  server.operatorCalls.make(callOf({ server } as Served, { pictures, ...change }), (context, [picture]) =>
    detectFaces(context, picture!, 'all'),
  );

/** Bytes as a call takes them: with nothing beside them in their memory. */
const alone = (bytes: Buffer): Uint8Array => Uint8Array.from(bytes);

function callOf({ server }: Served, change: Partial<OperatorCall> = {}): OperatorCall {
  const lease = server.operatorCalls.lease();
  return {
    ...{ appid: '1', endpoint: 'detect', operator: 'ada', action: 'recognise.analyse', requestId: 'r', lease },
    ...{ asked: { persons: ['p'], faces: [], groups: [] }, pictures: [], signal: new AbortController().signal },
    ...change,
  };
}

test('a call is counted for the appid under a key that nobody has, and told of under the name of the operator', async () => {
  await using server = open();
  const answer = await make(server);
  assert.deepEqual([answer!.result!.faces.length, answer!.refusal, answer!.analyses.length], [1, undefined, 1]);
  const { analyses } = (await make(server, {}, [alone(pictureOf())]))!;
  assert.equal(analyses[0]!.width, 640, 'what was found is told of a refused picture, too');
  const expected = (code: number, faces: number) => [
    { appid: '1', day: '2026-11-30', secretId: operatorsKey, endpoint: 'detect', code, pictures: 1, faces },
    {
      requestId: 'r',
      ids: { persons: ['p'], faces: [], groups: [] },
      by: { kind: 'operator', actor: 'ada', action: 'recognise.analyse' },
    },
  ];
  assert.deepEqual(server.counts, [expected(0, 1), expected(-1101, 0)]);
  assert.doesNotMatch(operatorsKey, /^[\w.-]+$/, 'no SecretId is spelled so');
});

test('what is written is counted with it, and is the act of the operator', async () => {
  const acts: unknown[] = [];
  await using server = open({
    storeOf: (_appid, writes: CallWrites) => {
      const store = server.contextOf('1').store as MapStore;
      const write = store.write.bind(store);
      store.write = async (work) => {
        const result = await write(work);
        acts.push(writes.act(), writes.call().secretId);
        writes.counted();
        return result;
      };
      return store;
    },
  });
  const call = callOf(server, {
    endpoint: 'newperson',
    action: 'enrol.person',
    pictures: [alone(pictureOf({ cosine: 1 }))],
  });
  const { refusal } = (await server.server.operatorCalls.make(call, (context, [picture]) =>
    registerPerson(context, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture! }),
  ))!;
  assert.equal(refusal, undefined);
  assert.deepEqual(acts, [{ kind: 'operator', actor: 'ada', action: 'enrol.person', requestId: 'r' }, operatorsKey]);
  assert.deepEqual(server.counts, [], 'it is counted once');
});

test('pictures wait until no others do, and take part in the turns of no appid', async () => {
  await using server = open();
  await make(server);
  const { party, isBackground } = server.contextOf('1').analyzeOptions[0]!;
  assert.deepEqual([party, isBackground], ['(operators)', true]);
  assert.equal(server.server.load().queued, 0);
});

test('the pictures of the month are those of the appid, whoever sends them', async () => {
  await using server = open({ limits: { picturesPerMonthMax: 1 } });
  assert.equal((await make(server))!.refusal, undefined);
  await assert.rejects(make(server), (error) => error instanceof Refusal && error.refusal === 'tooManyRequests');
});

test('there is no call for an appid that is not there', async () => {
  await using server = open();
  assert.equal(await make(server, { appid: 'nobody' }), undefined);
  assert.deepEqual(server.counts, []);
});

test('so many calls are in flight at once, and the next one is told to come later', async () => {
  await using server = open();
  const { promise, resolve } = Promise.withResolvers<void>();
  const calls = Array.from({ length: 16 }, () => server.server.operatorCalls.make(callOf(server), () => promise));
  await assert.rejects(make(server), (error) => error instanceof Refusal && error.retryAfterSeconds === 1);
  resolve();
  await Promise.all(calls);
  assert.equal((await make(server))!.refusal, undefined);
});

test('a bug is thrown, and counted as one; a call that fails to be counted is answered', async () => {
  await using server = open();
  const failing = server.server.operatorCalls.make(callOf(server), () => Promise.reject(new Error('a bug')));
  await assert.rejects(failing, /a bug/);
  assert.deepEqual([server.counts[0]![0].code, server.counts[0]![1]], [213, undefined]);
  await using full = open({ usage: { count: () => Promise.reject(new Error('full')), report: async () => [] } });
  assert.equal((await make(full))!.result!.faces.length, 1);
  assert.ok(full.log.some(({ msg }) => /could not be counted/.test(String(msg))));
});

test('who goes away is counted as one who sent nothing that could be read, and is no fault', async () => {
  await using server = open();
  const gone = AbortSignal.abort();
  const left = server.server.operatorCalls.make(callOf(server, { signal: gone }), async () => gone.throwIfAborted());
  await assert.rejects(left, { name: 'AbortError' });
  assert.equal(server.counts[0]![0].code, 3);
  assert.deepEqual(
    server.log.filter(({ level }) => Number(level) >= 50),
    [],
  );
});
