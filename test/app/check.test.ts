/** A check of a register: what it finds, and what an operator makes of that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dimension, MadeUpPeople } from '../../bench/check/people.ts';
import { plant, scoreOf } from '../../bench/check/plant.ts';
import { allProposals, runCheck } from '../../src/app/operator/check.ts';
import { cosinesFor, findingsOf } from '../../src/app/operator/check-findings.ts';
import { OrderRefused } from '../../src/app/operator/order.ts';
import type { Scanned, Side } from '../../src/store/check/scan.ts';
import type { Stores } from '../../src/store/open.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';
import { face, limits, person } from '../store/fixtures.ts';
import { sqliteHome } from '../store/sqlite-home.ts';

const appid = '1001';
const model = 'sha256:made-up';
const scale = measureOf(undefined);
/** No two crops are of one photograph. */
const analyzer = {
  model,
  ...scale,
  areCopies: async (_: Uint8Array, others: readonly Uint8Array[]) => others.map(() => false),
};
const { signal } = new AbortController();

async function findings(stores: Stores) {
  return (await Array.fromAsync(allProposals(stores, appid))).flat().map(({ finding }) => finding);
}

test('of 50 doubles and 50 strays among 5,000 persons a check finds 48 and 45 at least, at 20 false alarms at most', async () => {
  const people = new MadeUpPeople(1);
  const all = new Map<string, Float32Array[]>();
  for (let i = 0; i < 5_000; i++) {
    const centre = people.person();
    all.set(
      `p-${i}`,
      Array.from({ length: people.facesOfPerson() }, () => people.face(centre)),
    );
  }
  const strangers = Array.from({ length: 25 }, () => people.face(people.person()));
  const planted = plant(all, strangers, { doubles: 50, strays: 50, facesOfDouble: 4 }, (end) => people.below(end));
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.tenants.add(appid, {});
  const crop = new Uint8Array(1);
  const persons = [...planted.persons];
  for (let i = 0; i < persons.length; i += 500) {
    await stores.of(appid).write(async (store) => {
      for (const [id, faces] of persons.slice(i, i + 500)) {
        await store.insertPerson(person(id));
        for (const { id: faceId, face: embedding } of faces) {
          await store.insertFace({ ...face(faceId, id), model, embedding, crop, quality: 90 }, limits);
        }
      }
    });
  }
  const report = await runCheck(stores, analyzer, appid, { threads: 1, signal });
  assert.equal(report.persons, 5_050);
  const found = scoreOf(planted, await findings(stores));
  assert.ok(found.doubles >= 48, `${found.doubles} doubles`);
  assert.ok(found.strays >= 45, `${found.strays} strays`);
  assert.ok(found.falseAlarms.length <= 20, `${found.falseAlarms.length} false alarms`);
});

test('the larger a register, the more alike two persons must be, and never less than strangers in ten thousand are', () => {
  const at = (persons: number): number => cosinesFor(scale, persons).double;
  const scores = [0, 1, 100, 5_000, 1_000_000].map((persons) => scale.scoreOf(at(persons)));
  assert.deepEqual(
    scores.toSorted((a, b) => a - b),
    scores,
  );
  assert.ok(scores[0]! >= 79.9 && scores.at(-1)! < 99, scores.join());
  assert.ok(Math.abs(at(5_000) - 0.63) < 0.01, String(at(5_000)));
  assert.equal(dimension, scale.dimension);
});

/** What a scan found: nothing but what is given. */
function scannedOf(found: Partial<Scanned>): Scanned {
  return { persons: 0, faces: 0, single: 0, matches: [], strays: [], alike: [], isCut: false, ...found };
}

function side(person: string, face: string, of: Partial<Side> = {}): Side {
  return { person, face, isStray: false, isEven: false, ...of };
}

const cosines = cosinesFor(scale, 100);
/** Crops are of one photograph if they are equal. */
const parts = {
  store: {
    findCrops: async (ids: readonly string[]) =>
      ids.map((faceId) => ({ faceId, crop: Buffer.from(faceId.slice(0, 1)) })),
  },
  analyzer: {
    ...scale,
    areCopies: async (crop: Uint8Array, others: readonly Uint8Array[]) =>
      others.map((other) => Buffer.compare(crop, other) === 0),
  },
  signal,
};

test('of two faces that are unlike each other the one that is like somebody else is the stray, else the later one', async () => {
  const strays = [{ person: 'p', face: '2', rest: '1', cosine: 0.1, isEven: true, isSuspect: false }];
  const strayOf = async (matches: Scanned['matches']) => {
    const found = await findingsOf(scannedOf({ strays, matches }), [], cosines, parts);
    return found.map((one) => one.kind === 'stray' && [one.face, one.resembles?.person]);
  };
  assert.deepEqual(await strayOf([]), [['2', undefined]]);
  const ofFirst = { sides: [side('p', '1', { isEven: true }), side('q', '9')], cosine: 0.8 } as const;
  const ofSecond = { sides: [side('q', '9'), side('p', '2', { isEven: true, isStray: true })], cosine: 0.7 } as const;
  assert.deepEqual(await strayOf([ofFirst]), [['1', 'q']]);
  assert.deepEqual(await strayOf([ofSecond]), [['2', 'q']]);
  assert.deepEqual(await strayOf([ofFirst, ofSecond]), [
    ['2', 'q'],
    ['1', 'q'],
  ]);
});

test('a stray names whom it is most like; one of low quality that is like nobody is told as that alone', async () => {
  const strays = ['2', '3'].map((face) => ({
    person: 'p',
    face,
    rest: '1',
    cosine: 0.1,
    isEven: false,
    isSuspect: false,
  }));
  const matches = [
    { sides: [side('p', '2', { isStray: true }), side('q', '9')], cosine: 0.8 },
    { sides: [side('r', '8'), side('p', '2', { isStray: true })], cosine: 0.7 },
  ] as const;
  const poor = [
    { person: 'p', face: '2', quality: 5 },
    { person: 'p', face: '3', quality: 6 },
  ];
  const found = await findingsOf(scannedOf({ strays, matches }), poor, cosines, parts);
  assert.deepEqual(
    found.map((one) => [one.kind, 'face' in one && one.face, one.kind === 'stray' && one.resembles?.person]),
    [
      ['stray', '2', 'q'],
      ['lowQuality', '2', false],
      ['lowQuality', '3', false],
    ],
  );
});

test('a face that is hardly like its person is a stray if it is like another one, and not where the two are one', async () => {
  const strays = ['2', '3', '4'].map((face) => ({
    person: 'p',
    face,
    rest: '1',
    cosine: 0.4,
    isEven: false,
    isSuspect: true,
  }));
  const matches = [
    { sides: [side('p', '2', { isStray: true }), side('q', '9')], cosine: 0.8 },
    { sides: [side('p', '3', { isStray: true }), side('r', '8')], cosine: 0.8 },
    { sides: [side('r', '8'), side('p', '1')], cosine: 0.8 },
  ] as const;
  const found = await findingsOf(scannedOf({ strays, matches }), [], cosines, parts);
  assert.deepEqual(
    found.map((one) => [one.kind, 'face' in one && one.face]),
    [
      ['double', false],
      ['stray', '2'],
    ],
  );
});

test('copies are told by the crops, and so is whether a double is of one photograph', async () => {
  const alike = [
    { person: 'p', faces: ['a1', 'a2'] },
    { person: 'q', faces: ['b1', 'c1'] },
  ] as const;
  const matches = [
    { sides: [side('p', 'a1'), side('q', 'a9')], cosine: 0.99 },
    { sides: [side('p', 'a1'), side('r', 'a8')], cosine: 0.8 },
    { sides: [side('p', 'a1'), side('s', 'x')], cosine: 0.99 },
  ] as const;
  const found = await findingsOf(scannedOf({ alike, matches }), [], cosines, parts);
  assert.deepEqual(
    found.map((one) => (one.kind === 'double' ? [one.persons[1], one.samePicture] : one.kind === 'copy' && one.faces)),
    [
      ['q', true],
      // So unlike each other no copies are.
      ['r', false],
      ['s', false],
      ['a1', 'a2'],
    ],
  );
});

test('one check of an appid runs; one that fails says so, and the next one may begin', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await assert.rejects(runCheck(stores, analyzer, appid, { signal }), OrderRefused);
  await stores.tenants.add(appid, {});
  await stores.of(appid).insertPerson(person('a'));
  await stores.of(appid).insertFace({ ...face('1', 'a'), model, embedding: new MadeUpPeople(1).person() }, limits);
  const stopped = new AbortController();
  const onProgress = (): void => stopped.abort(new Error('enough'));
  const first = runCheck(stores, analyzer, appid, { signal: stopped.signal, onProgress });
  const second = runCheck(stores, analyzer, appid, { signal });
  const outcomes = await Promise.allSettled([first, second]);
  assert.match(String((outcomes[0] as PromiseRejectedResult).reason), /enough/);
  assert.match(String((outcomes[1] as PromiseRejectedResult).reason), /runs already/);
  assert.equal((await stores.checks.find(appid))?.state, 'failed');
  assert.equal((await runCheck(stores, analyzer, appid, { signal })).persons, 1);
  assert.equal((await stores.checks.find(appid))?.state, 'done');
});
