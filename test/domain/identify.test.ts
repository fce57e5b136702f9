import assert from 'node:assert/strict';
import test from 'node:test';
import type { RequestContext } from '../../src/domain/context.ts';
import { addFaces, deleteFaces } from '../../src/domain/faces.ts';
import type { Gallery, GalleryQuery, Match } from '../../src/domain/gallery.ts';
import { deletePerson, registerPerson } from '../../src/domain/persons.ts';
import { candidatesMax, identifiedFacesMax, identify } from '../../src/domain/recognition.ts';
import { limits, person } from '../store/fixtures.ts';
import { boxOf, embeddingAt, isRefused, openContext, picture, registered, unasked } from './memory-context.ts';

const probe = { cosine: 1 };

/** What a context finds for the only face of a picture. */
async function candidates(context: RequestContext, groupIds = ['g']) {
  const [face, ...others] = await identify(context, picture([probe]), groupIds, 'largest');
  assert.deepEqual(others, []);
  return face?.candidates ?? assert.fail('there is a face');
}

/** A gallery that finds these, whatever is asked. */
const finding = (...found: Match[]): Gallery => ({
  nearest: async ({ probes }) => probes.map(() => found),
});

test('each candidate is told with the nearest of its faces, how alike it is and the tag of that face', async () => {
  const context = openContext();
  await registered(context, 'bob', ['g'], { cosine: 0.5 });
  await registerPerson(context, {
    person: { id: 'ada', name: '', tag: 'first' },
    groupIds: ['g'],
    picture: picture([{ cosine: 0 }]),
  });
  await addFaces(context, { personId: 'ada', tag: 'second', pictures: [picture([{ cosine: 0.8 }])] });
  await registered(context, 'eve', ['elsewhere'], probe);
  assert.deepEqual(await candidates(context), [
    { personId: 'ada', faceId: 'face-3', likeness: { score: 80, samePicture: false }, tag: 'second' },
    { personId: 'bob', faceId: 'face-1', likeness: { score: 50, samePicture: false }, tag: '' },
  ]);
});

test('every face of the picture is identified by itself, the largest first, or the largest alone', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await registered(context, 'bob', ['g'], { cosine: -0.5 });
  const shown = [
    { cosine: -0.5, width: 300 },
    { cosine: 1, width: 200 },
  ];
  const all = await identify(context, picture(shown), ['g'], 'all');
  assert.deepEqual(
    all.map(({ box, candidates }) => [box, candidates.map(({ personId }) => personId)]),
    [
      [boxOf(shown[0]!), ['bob', 'ada']],
      [boxOf(shown[1]!), ['ada', 'bob']],
    ],
  );
  assert.deepEqual(await identify(context, picture(shown), ['g'], 'largest'), all.slice(0, 1));
  assert.deepEqual(
    context.analyzeOptions.slice(-2).map(({ facesMax, parts }) => [facesMax, parts]),
    [
      [identifiedFacesMax, ['embedding', 'crop']],
      [1, ['embedding', 'crop']],
    ],
  );
  assert.deepEqual([identifiedFacesMax, candidatesMax], [50, 5]);
});

test('one search looks for all the faces, in each group once, for five persons a face', async () => {
  const quests: GalleryQuery[] = [];
  const nearest = async (query: GalleryQuery) => {
    quests.push(query);
    return query.probes.map(() => []);
  };
  const context = openContext({ gallery: { nearest } });
  await registered(context, 'ada', ['g'], probe);
  const found = await identify(context, picture([{ cosine: 1 }, { cosine: 0.5 }]), ['h', 'g', 'h'], 'all');
  assert.deepEqual(
    found.map(({ candidates }) => candidates),
    [[], []],
  );
  const probes = [embeddingAt(1), embeddingAt(0.5)];
  assert.deepEqual(quests, [{ probes, groupIds: ['h', 'g'], count: 5, signal: context.signal }]);
});

test('who is erased between the search and the answer is in no answer', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 0.9 });
  const bobs = await registered(context, 'bob', ['g'], { cosine: 0.8 });
  await registered(context, 'eve', ['g'], { cosine: 0.7 });
  const nearest = async (query: GalleryQuery) => {
    const found = await context.gallery.nearest(query);
    await deletePerson(context, 'ada');
    await deleteFaces(context, 'bob', [bobs]);
    return found;
  };
  const left = await candidates({ ...context, gallery: { nearest } });
  assert.deepEqual(
    left.map(({ personId }) => personId),
    ['eve'],
  );
});

test("a face that is another person's by now, or that another model described, is in no answer", async () => {
  const context = openContext();
  const faceId = await registered(context, 'ada', ['g'], probe);
  const foreign = finding({ personId: 'bob', faceId });
  assert.deepEqual(await candidates({ ...context, gallery: foreign }), []);
  const known = finding({ personId: 'ada', faceId });
  assert.equal((await candidates({ ...context, gallery: known })).length, 1);
  assert.deepEqual(
    await candidates({ ...context, gallery: known, analyzer: { ...context.analyzer, model: 'later' } }),
    [],
  );
});

test('candidates stay in the order of the search', async () => {
  const context = openContext();
  const found: Match[] = [];
  for (const [personId, cosine] of [
    ['second', 0.5],
    ['third', 0.5],
    ['first', 0.9],
    ['fourth', 0.1],
  ] as const) {
    const faceId = await registered(context, personId, ['g'], { cosine });
    found.push({ personId, faceId });
  }
  const told = await candidates({ ...context, gallery: finding(...found) });
  assert.deepEqual(
    told.map(({ personId, likeness }) => [personId, likeness.score]),
    [
      ['second', 50],
      ['third', 50],
      ['first', 90],
      ['fourth', 10],
    ],
  );
});

test('groups are unknown only if none of them is there, and that is told before the picture is asked for', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], probe);
  await isRefused(identify(context, unasked, ['gone'], 'largest'), 'groupUnknown', 'gone');
  await isRefused(identify(context, unasked, ['gone', 'gone'], 'largest'), 'groupUnknown', 'gone');
  await isRefused(identify(context, unasked, ['gone', 'none'], 'all'), 'groupUnknown');
  assert.equal((await candidates(context, ['gone', 'g'])).length, 1);
  await isRefused(identify(context, picture([]), ['g'], 'all'), 'noFace');
});

test('as many groups may be named as an appid may have, repeated ones counting once', async () => {
  const context = openContext({ limits: { ...limits, groupsMax: 2 } });
  await registerPerson(context, { person: person('ada'), groupIds: ['g', 'h'], picture: picture([probe]) });
  assert.equal((await candidates(context, ['g', 'h', 'g'])).length, 1);
  await isRefused(identify(context, unasked, ['g', 'h', 'i'], 'largest'), 'tooManyGroups');
});
