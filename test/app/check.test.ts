/** A check of a register: what it finds, and what an operator makes of that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dimension, MadeUpPeople } from '../../bench/check/people.ts';
import { plant, scoreOf } from '../../bench/check/plant.ts';
import { allProposals, runCheck } from '../../src/app/operator/check.ts';
import { cosinesFor } from '../../src/app/operator/check-findings.ts';
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
