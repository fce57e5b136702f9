import assert from 'node:assert/strict';
import test from 'node:test';
import type { AuditedCall, CallWrites, CountedCall } from '../../src/domain/stores.ts';
import { type AuditLevel, auditedCall } from '../../src/http/audited.ts';
import { MapStore } from '../store/map-store.ts';
import { imageOf, serve } from './served.ts';

/** The calls that the audit is told of, each as `setinfo -1303 persons:p`. */
async function toldOf(
  audit: AuditLevel,
  calls: readonly (readonly [endpoint: string, fields: Readonly<Record<string, unknown>>])[],
) {
  const told: string[] = [];
  const count = async ({ endpoint, code }: CountedCall, audited?: AuditedCall) => {
    if (audited === undefined) return;
    assert.match(audited.requestId, /^[\da-f-]{36}$/);
    const ids = Object.entries(audited.ids).flatMap(([kind, list]) => (list.length > 0 ? `${kind}:${list}` : []));
    told.push([endpoint, code, ...ids].join(' '));
  };
  await using served = serve({ audit, usage: { count, report: async () => [] } });
  for (const [endpoint, fields] of calls) await served.call(endpoint as 'getinfo', fields);
  return told;
}

const calls = [
  ['newperson', { person_id: 'p', group_ids: ['g', 'h'], image: imageOf({ cosine: 1 }) }],
  ['newperson', { person_id: 'p', group_ids: ['g'], image: imageOf({ cosine: 1 }) }],
  ['setinfo', { person_id: 'nobody', tag: 't' }],
  ['setinfo', {}],
  ['delface', { person_id: 'nobody', face_ids: ['1', '2'] }],
  ['getinfo', { person_id: 'p' }],
  ['getfaceinfo', { face_id: '7' }],
  ['getpersonids', { group_id: 'none' }],
] as const;

const refused = [
  'newperson -1302 persons:p groups:g',
  'setinfo -1303 persons:nobody',
  'setinfo -1301',
  'delface -1303 persons:nobody faces:1,2',
];

test('calls that would have changed something and were refused are told with the ids that they name', async () => {
  const told = await toldOf('refused', calls);
  assert.deepEqual(told, refused);
  assert.deepEqual(await toldOf('changes', calls), []);
});

test('calls that only read are told where that is asked for, well answered or not', async () => {
  const told = await toldOf('reads', calls);
  // The store in memory counts no calls with what they write.
  assert.deepEqual(told, [
    'newperson 0 persons:p groups:g,h',
    ...refused,
    'getinfo 0 persons:p',
    'getfaceinfo -1305 faces:7',
    'getpersonids -1306 groups:none',
  ]);
});

test('a call that is to come again, or that the server failed, is not told of: there may be many', () => {
  for (const refusal of [
    'tooManyRequests',
    'unavailable',
    'internal',
    'storageFailed',
    'keyStoreFailed',
    'keyStoreUnavailable',
  ] as const)
    assert.equal(auditedCall('reads', 'newperson', refusal, 'r', {}), undefined);
  assert.notEqual(auditedCall('refused', 'newperson', 'featureFailed', 'r', {}), undefined);
});

test('a call says who makes it for the line of what it changes', async () => {
  const acts: unknown[] = [];
  const store = new MapStore();
  const storeOf = (_appid: string, writes: CallWrites) => {
    acts.push(writes.act());
    return store;
  };
  await using served = serve({ storeOf });
  await served.call('setinfo', { person_id: 'p', tag: 't' });
  const [{ requestId, ...act }] = acts as [{ requestId: string }];
  assert.deepEqual(act, { kind: 'key', actor: 'S1', action: 'setinfo' });
  assert.match(requestId, /^[\da-f-]{36}$/);
});
