import assert from 'node:assert/strict';
import test from 'node:test';
import type { Desk } from '../../src/domain/desk.ts';
import { addFaces, eraseFaces } from '../../src/domain/faces.ts';
import type { Gallery, Quest, Resemblance } from '../../src/domain/gallery.ts';
import { erase, register } from '../../src/domain/persons.ts';
import { candidatesMax, identifiedMax, identify } from '../../src/domain/recognition.ts';
import { limits, person } from '../store/fixtures.ts';
import { boxOf, embeddingAt, isRefused, openDesk, picture, registered, unasked } from './desk.ts';

const probe = { cosine: 1 };

/** What a desk finds for the only face of a picture. */
async function candidates(desk: Desk, groupIds = ['g']) {
  const [face, ...others] = await identify(desk, picture([probe]), groupIds, 'largest');
  assert.deepEqual(others, []);
  return face?.candidates ?? assert.fail('there is a face');
}

/** A gallery that finds these, whatever is asked. */
const finding = (...found: Resemblance[]): Gallery => ({ nearest: async ({ probes }) => probes.map(() => found) });

test('each candidate is told with the nearest of its faces, its confidence and the tag of that face', async () => {
  const desk = openDesk();
  await registered(desk, 'bob', ['g'], { cosine: 0.5 });
  await register(desk, {
    person: { id: 'ada', name: '', tag: 'first' },
    groupIds: ['g'],
    picture: picture([{ cosine: 0 }]),
  });
  await addFaces(desk, { personId: 'ada', tag: 'second', pictures: [picture([{ cosine: 0.8 }])] });
  await registered(desk, 'eve', ['elsewhere'], probe);
  assert.deepEqual(await candidates(desk), [
    { personId: 'ada', faceId: 'face-3', confidence: 80, tag: 'second' },
    { personId: 'bob', faceId: 'face-1', confidence: 50, tag: '' },
  ]);
});

test('every face of the picture is identified by itself, the largest first, or the largest alone', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  await registered(desk, 'bob', ['g'], { cosine: -0.5 });
  const shown = [
    { cosine: -0.5, width: 300 },
    { cosine: 1, width: 200 },
  ];
  const all = await identify(desk, picture(shown), ['g'], 'all');
  assert.deepEqual(
    all.map(({ box, candidates }) => [box, candidates.map(({ personId }) => personId)]),
    [
      [boxOf(shown[0]!), ['bob', 'ada']],
      [boxOf(shown[1]!), ['ada', 'bob']],
    ],
  );
  assert.deepEqual(await identify(desk, picture(shown), ['g'], 'largest'), all.slice(0, 1));
  assert.deepEqual(
    desk.looks.slice(-2).map(({ most, parts }) => [most, parts]),
    [
      [identifiedMax, ['embedding']],
      [1, ['embedding']],
    ],
  );
  assert.deepEqual([identifiedMax, candidatesMax], [50, 5]);
});

test('one search looks for all the faces, in each group once, for five persons a face', async () => {
  const quests: Quest[] = [];
  const nearest = async (quest: Quest) => {
    quests.push(quest);
    return quest.probes.map(() => []);
  };
  const desk = openDesk({ gallery: { nearest } });
  await registered(desk, 'ada', ['g'], probe);
  const found = await identify(desk, picture([{ cosine: 1 }, { cosine: 0.5 }]), ['h', 'g', 'h'], 'all');
  assert.deepEqual(
    found.map(({ candidates }) => candidates),
    [[], []],
  );
  const probes = [embeddingAt(1), embeddingAt(0.5)];
  assert.deepEqual(quests, [{ probes, groupIds: ['h', 'g'], count: 5, signal: desk.signal }]);
});

test('who is erased between the search and the answer is in no answer', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 0.9 });
  const bobs = await registered(desk, 'bob', ['g'], { cosine: 0.8 });
  await registered(desk, 'eve', ['g'], { cosine: 0.7 });
  const nearest = async (quest: Quest) => {
    const found = await desk.gallery.nearest(quest);
    await erase(desk, 'ada');
    await eraseFaces(desk, 'bob', [bobs]);
    return found;
  };
  const left = await candidates({ ...desk, gallery: { nearest } });
  assert.deepEqual(
    left.map(({ personId }) => personId),
    ['eve'],
  );
});

test("a face that is another person's by now, or that another model described, is in no answer", async () => {
  const desk = openDesk();
  const faceId = await registered(desk, 'ada', ['g'], probe);
  const foreign = finding({ personId: 'bob', faceId, cosine: 1 });
  assert.deepEqual(await candidates({ ...desk, gallery: foreign }), []);
  const known = finding({ personId: 'ada', faceId, cosine: 1 });
  assert.equal((await candidates({ ...desk, gallery: known })).length, 1);
  assert.deepEqual(await candidates({ ...desk, gallery: known, eyes: { ...desk.eyes, model: 'later' } }), []);
});

test('candidates are in the order of their confidence, whatever the cosine, and equals in that of the search', async () => {
  const desk = openDesk();
  const found: Resemblance[] = [];
  for (const [personId, cosine] of [
    ['second', 0.5],
    ['third', 0.5],
    ['first', 0.9],
    ['fourth', 0.1],
  ] as const) {
    const faceId = await registered(desk, personId, ['g'], { cosine });
    found.push({ personId, faceId, cosine: -cosine });
  }
  const told = await candidates({ ...desk, gallery: finding(...found) });
  assert.deepEqual(
    told.map(({ personId, confidence }) => [personId, confidence]),
    [
      ['first', 90],
      ['second', 50],
      ['third', 50],
      ['fourth', 10],
    ],
  );
});

test('groups are unknown only if none of them is there, and that is told before the picture is asked for', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], probe);
  await isRefused(identify(desk, unasked, ['gone'], 'largest'), 'groupUnknown', 'gone');
  await isRefused(identify(desk, unasked, ['gone', 'gone'], 'largest'), 'groupUnknown', 'gone');
  await isRefused(identify(desk, unasked, ['gone', 'none'], 'all'), 'groupUnknown');
  assert.equal((await candidates(desk, ['gone', 'g'])).length, 1);
  await isRefused(identify(desk, picture([]), ['g'], 'all'), 'noFace');
});

test('as many groups may be named as an appid may have, repeated ones counting once', async () => {
  const desk = openDesk({ limits: { ...limits, groupsMax: 2 } });
  await register(desk, { person: person('ada'), groupIds: ['g', 'h'], picture: picture([probe]) });
  assert.equal((await candidates(desk, ['g', 'h', 'g'])).length, 1);
  await isRefused(identify(desk, unasked, ['g', 'h', 'i'], 'largest'), 'tooManyGroups');
});
