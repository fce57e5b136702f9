import assert from 'node:assert/strict';
import test from 'node:test';
import { keepLimits, limitsOf } from '../../src/app/caller-limits.ts';
import { readSettings } from '../../src/app/settings.ts';

const settings = readSettings(
  { appidCallsMax: 10, appidPicturesMax: 20, appidLimits: '1:calls=30', callsPerSecondMax: 40, groupsMax: 50 },
  undefined,
  {},
);

test('what is set for an appid wins over the setting that names it, and that over the setting for all', () => {
  const all = {
    ...{ callsPerSecondMax: 40, callsMax: 10, picturesMax: 20, groupsMax: 50 },
    ...{ personsPerGroupMax: 20_000, facesPerPersonMax: 20, enrolQualityMin: 0 },
  };
  assert.deepEqual(limitsOf(settings, '2', {}), all);
  assert.deepEqual(limitsOf(settings, '1', {}), { ...all, callsMax: 30 });
  assert.deepEqual(limitsOf(settings, '1', { callsInFlight: 5, picturesInFlight: 6 }), {
    ...all,
    callsMax: 5,
    picturesMax: 6,
  });
  assert.deepEqual(limitsOf(settings, '2', { persons: 0, faces: 1, bytes: 2, picturesPerMonth: 3 }), {
    ...all,
    picturesPerMonthMax: 3,
    personsMax: 0,
    facesMax: 1,
    bytesMax: 2,
  });
  const own = { callsPerSecond: 0, groups: 7, enrolQuality: 60 };
  assert.deepEqual(limitsOf(settings, '2', own), { ...all, callsPerSecondMax: 0, groupsMax: 7, enrolQualityMin: 60 });
});

test('limits are decided once for an appid as it was read, and anew for other settings', () => {
  let now = settings;
  const limits = keepLimits(() => now);
  const tenant = { appid: '2', buckets: [], limits: {} };
  assert.equal(limits(tenant), limits(tenant));
  assert.equal(limits({ ...tenant, limits: { callsInFlight: 1 } }).callsMax, 1);
  now = { ...settings, appidCallsMax: 11 };
  assert.equal(limits(tenant).callsMax, 11);
});
