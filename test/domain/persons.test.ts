import assert from 'node:assert/strict';
import test from 'node:test';
import { deletePerson, getPerson, registerPerson, updatePerson } from '../../src/domain/persons.ts';
import type { Limits, NewFace } from '../../src/domain/stores.ts';
import { ModelsMissing } from '../../src/errors/models-missing.ts';
import { idsOf, limits, listOf, person } from '../store/fixtures.ts';
import { MapStore } from '../store/map-store.ts';
import {
  attributes,
  boxOf,
  crop,
  embeddingAt,
  isRefused,
  openContext,
  picture,
  registered,
  unasked,
} from './memory-context.ts';

/** A store that remembers the faces it was given, crops included. */
class KeepingStore extends MapStore {
  readonly faces: NewFace[] = [];

  override insertFace(face: NewFace, limits: Limits): Promise<boolean> {
    this.faces.push(face);
    return super.insertFace(face, limits);
  }
}

test('a person is kept as it was given, with the largest face of the picture, as it was analysed', async () => {
  const store = new KeepingStore();
  const context = openContext({ store });
  const ada = { id: 'ada', name: 'Ada', tag: 'first' };
  const shown = [{ cosine: 0.5, width: 300, quality: { score: 80 } }, { cosine: 1 }] as const;
  const photograph = picture(shown);
  const made = await registerPerson(context, {
    person: ada,
    groupIds: ['work', 'friends', 'work'],
    picture: photograph,
  });
  assert.deepEqual(
    made,
    { faceId: 'face-1', quality: { score: 80 }, groupIds: ['work', 'friends'] },
    'repeated ids count once',
  );
  assert.deepEqual(await getPerson(context, 'ada'), {
    person: ada,
    faceIds: listOf(['face-1']),
    groupIds: listOf(['work', 'friends']),
  });
  const seen = { box: boxOf(shown[0]), attributes, embedding: embeddingAt(0.5), crop, quality: 80 };
  assert.deepEqual(store.faces, [{ id: 'face-1', personId: 'ada', tag: 'first', model: 'memory', ...seen }]);
  assert.deepEqual(
    context.analyzeOptions.map(({ facesMax }) => facesMax),
    [1],
  );
  assert.deepEqual(
    context.analyses.map(({ faces, others }) => [faces.length, others.length]),
    [[1, 1]],
  );
});

test('a face that needs embeddings of more models by now gets them of its crop, and is stored with all of them', async () => {
  class NeedyStore extends KeepingStore {
    override async insertFace(face: NewFace, limits: Limits): Promise<boolean> {
      const models = [face.model, ...(face.further ?? []).map(({ model }) => model)];
      if (!models.includes('another')) throw new ModelsMissing(['memory', 'another']);
      return super.insertFace(face, limits);
    }
  }
  const store = new NeedyStore();
  const { analyzer } = openContext();
  const asked: unknown[] = [];
  const embedCrop = async (given: Uint8Array, models: readonly string[]) => {
    asked.push([given, models]);
    return models.map((model) => ({ model, embedding: embeddingAt(0.5) }));
  };
  const registration = { person: person('ada'), groupIds: ['a'], picture: picture([{ cosine: 1 }]) };
  await registerPerson(openContext({ store, analyzer: { ...analyzer, embedCrop } }), registration);
  assert.deepEqual(asked, [[crop, ['another']]]);
  assert.deepEqual(store.faces[0]?.further, [{ model: 'another', embedding: embeddingAt(0.5) }]);
  assert.deepEqual(idsOf(await store.membersOf('a')), ['ada']);
  const other = { ...registration, person: person('bob') };
  await assert.rejects(registerPerson(openContext({ store: new NeedyStore(), analyzer }), other), ModelsMissing);
});

test('an id that is taken while the picture is looked at is refused, and nothing of the later person is kept', async () => {
  const context = openContext();
  const late = picture([{ cosine: 0.5 }], () => registered(context, 'ada', ['first'], { cosine: 1 }));
  const ada = { id: 'ada', name: 'the later one', tag: '' };
  await isRefused(registerPerson(context, { person: ada, groupIds: ['later'], picture: late }), 'personExists', 'ada');
  const kept = { person: person('ada'), faceIds: listOf(['face-1']), groupIds: listOf(['first']) };
  assert.deepEqual(await getPerson(context, 'ada'), kept);
  assert.deepEqual(idsOf(await context.store.groups()), ['first']);
});

test('what can be refused without the picture is refused before it is asked for', async () => {
  const context = openContext({ limits: { ...limits, groupsMax: 2 } });
  await registered(context, 'ada', ['g', 'h', 'g'], { cosine: 1 });
  await isRefused(
    registerPerson(context, { person: person('ada'), groupIds: ['g'], picture: unasked }),
    'personExists',
    'ada',
  );
  const bob = { person: person('bob'), groupIds: ['g', 'h', 'i'], picture: unasked };
  await isRefused(registerPerson(context, bob), 'tooManyGroups');
  const full = { ...context, limits: { ...limits, personsMax: 1 } };
  const carl = { person: person('carl'), groupIds: ['g'], picture: unasked };
  await isRefused(registerPerson(full, carl), 'tooManyRequests', 'persons of the appid: 1 at most');
});

test('a person who does not fit is not registered at all', async () => {
  const small: Limits = { groupsMax: 2, personsPerGroupMax: 1, facesPerPersonMax: 1 };
  const full = openContext({ limits: small });
  await registered(full, 'ada', ['full'], { cosine: 1 });
  const bob = (groupIds: string[]) => ({ person: person('bob'), groupIds, picture: picture([{ cosine: 0.5 }]) });
  await isRefused(registerPerson(full, bob(['new', 'full'])), 'tooManyPersons', 'full');
  await isRefused(registerPerson(full, bob(['new', 'newer'])), 'tooManyGroups', 'newer');
  const faceless = { ...full, limits: { ...small, facesPerPersonMax: 0 } };
  await isRefused(registerPerson(faceless, bob(['new'])), 'tooManyFaces');
  await isRefused(registerPerson(full, { ...bob(['new']), picture: picture([]) }), 'noFace');
  assert.equal(await full.store.findPerson('bob'), undefined);
  assert.deepEqual(idsOf(await full.store.groups()), ['full']);
});

test('describing changes what is given and nothing else', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await updatePerson(context, 'ada', { name: 'Ada' });
  await updatePerson(context, 'ada', { tag: 't' });
  await updatePerson(context, 'ada', {});
  assert.deepEqual((await getPerson(context, 'ada')).person, { id: 'ada', name: 'Ada', tag: 't' });
});

test('an erased person is gone with its faces and groups, and a person who is not there is unknown', async () => {
  const context = openContext();
  const faceId = await registered(context, 'ada', ['g'], { cosine: 1 });
  await deletePerson(context, 'ada');
  assert.equal(await context.store.findFace(faceId), undefined);
  assert.equal(await context.store.groups(), undefined);
  for (const call of [
    deletePerson(context, 'ada'),
    getPerson(context, 'ada'),
    updatePerson(context, 'ada', { name: 'Ada' }),
  ])
    await isRefused(call, 'personUnknown', 'ada');
});
