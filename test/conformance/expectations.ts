/** What each endpoint must answer to a recorded call, and what must have changed afterwards. */
import assert from 'node:assert/strict';
import type { PictureName } from './pictures.ts';
import type { Said } from './recordings.ts';
import { type Data, personUnknown, type Registry } from './registry.ts';

/** What a call starts from, and how its answer is judged. */
export interface Expectation {
  /** The keys of the answer's `data`, in the order in which they are sent. */
  readonly fields: readonly string[];
  /** The pictures that the call carries, by url or in its body. */
  readonly pictures?: readonly PictureName[];
  /**
   * Brings the register into a state in which the call has an effect.
   * @returns the ids of the faces that the call is to name, if it names any.
   */
  readonly prepare: (registry: Registry, said: Said) => Promise<readonly string[]>;
  /** Judges the answer by what the register then says. */
  readonly check: (registry: Registry, said: Said, data: Data, faceIds: readonly string[]) => Promise<void>;
}

const faceItem = 'face_id,x,y,width,height,gender,age,expression,glass,pitch,yaw,roll';
const contours = {
  face_profile: 21,
  left_eye: 8,
  right_eye: 8,
  left_eyebrow: 8,
  right_eyebrow: 8,
  mouth: 22,
  nose: 13,
};

/** A single text; what the Java client sends for nothing is nothing. */
const text = (said: Said, name: string): string => {
  const value = said[name]?.[0] ?? '';
  return value === 'null' ? '' : value;
};
/** The person that a call is about; those that name none find this one. */
const person = (said: Said): string => text(said, 'person_id') || 'p';
/** The groups that a call is about, and one that none is about, so that the person always has one. */
const groups = (said: Said): string[] => [...(said.group_ids ?? []), ...(said.group_id ?? []), 'always'];

const present = async (registry: Registry, said: Said): Promise<readonly string[]> =>
  registry.ensurePresent(person(said), groups(said));
const infoOf = (registry: Registry, said: Said): Promise<Data> => registry.read('getinfo', { person_id: person(said) });

/** By endpoint. */
export const expectations: Readonly<Record<string, Expectation>> = {
  newperson: {
    fields: ['session_id', 'suc_group', 'suc_face', 'person_id', 'face_id', 'group_ids'],
    pictures: ['ada'],
    prepare: async (registry, said) => {
      await registry.ensureAbsent(person(said));
      return [];
    },
    check: async (registry, said, data) => {
      const { person_id, suc_group, suc_face, face_id, group_ids } = data;
      assert.deepEqual({ person_id, suc_group, suc_face }, { person_id: person(said), suc_group: 2, suc_face: 1 });
      assert.match(face_id, /^[1-9]\d{18}$/);
      assert.deepEqual(group_ids, said.group_ids);
      const info = await infoOf(registry, said);
      assert.deepEqual(
        [info.person_name, info.tag, info.face_ids, info.group_ids],
        [text(said, 'person_name'), text(said, 'tag'), [face_id], said.group_ids],
      );
    },
  },
  delperson: {
    fields: ['session_id', 'deleted', 'person_id'],
    prepare: present,
    check: async (registry, said, data) => {
      assert.deepEqual([data.deleted, data.person_id], [1, person(said)]);
      assert.equal((await registry.call('getinfo', { person_id: person(said) })).code, personUnknown);
    },
  },
  addface: {
    fields: ['session_id', 'added', 'face_ids', 'ret_codes'],
    pictures: ['bea', 'cleo'],
    prepare: present,
    check: async (registry, said, data, before) => {
      const sent = said.urls ?? said.images ?? [];
      // One recording carries text where the C++ client was given the name of a file that was not there.
      const codes = sent.map((value) => (/^(http:|\{PICTURE\})/.test(value) ? 0 : -1400));
      const added: string[] = data.face_ids.filter((id: string) => id !== '');
      assert.deepEqual(data.ret_codes, codes);
      assert.equal(data.face_ids.length, codes.length);
      assert.deepEqual([data.added, added.length], [codes.filter((code) => code === 0).length, data.added]);
      const faces = await registry.read('getfaceids', { person_id: person(said) });
      assert.deepEqual(faces.face_ids, [...before, ...added]);
      if (added.length > 0) await registry.read('delface', { person_id: person(said), face_ids: added });
    },
  },
  delface: {
    fields: ['session_id', 'deleted', 'face_ids'],
    prepare: async (registry, said) => {
      const spare: readonly PictureName[] = ['bea', 'cleo'];
      const pictures: PictureName[] = ['ada', ...spare.slice(0, said.face_ids?.length)];
      return (await registry.ensurePresent(person(said), groups(said), pictures)).slice(1);
    },
    check: async (registry, said, data, faceIds) => {
      assert.deepEqual([data.deleted, data.face_ids], [faceIds.length, faceIds]);
      const left = await registry.read('getfaceids', { person_id: person(said) });
      assert.equal(left.face_ids.length, 1);
      assert.ok(!faceIds.includes(left.face_ids[0]));
    },
  },
  setinfo: {
    fields: ['session_id', 'person_id'],
    prepare: async (registry, said) => {
      const faceIds = await present(registry, said);
      await registry.read('setinfo', { person_id: person(said), person_name: 'before', tag: 'before' });
      return faceIds;
    },
    check: async (registry, said, data) => {
      assert.equal(data.person_id, person(said));
      const { person_name, tag } = await infoOf(registry, said);
      assert.deepEqual([person_name, tag], [text(said, 'person_name') || 'before', text(said, 'tag') || 'before']);
    },
  },
  getinfo: {
    fields: ['person_name', 'person_id', 'face_ids', 'group_ids', 'session_id', 'tag'],
    prepare: present,
    check: async (registry, said, data, faceIds) => {
      assert.deepEqual([data.person_id, data.face_ids, data.group_ids], [person(said), faceIds, groups(said)]);
      assert.deepEqual({ ...data, session_id: '' }, { ...(await infoOf(registry, said)), session_id: '' });
    },
  },
  getgroupids: {
    fields: ['group_ids'],
    prepare: present,
    check: async (registry, said, data) => {
      const { group_ids } = await infoOf(registry, said);
      for (const id of group_ids) assert.ok(data.group_ids.includes(id), id);
    },
  },
  getpersonids: {
    fields: ['person_ids'],
    prepare: present,
    check: async (_registry, said, data) => assert.ok(data.person_ids.includes(person(said))),
  },
  getfaceids: {
    fields: ['face_ids'],
    prepare: present,
    check: async (_registry, _said, data, faceIds) => assert.deepEqual(data.face_ids, faceIds),
  },
  getfaceinfo: {
    fields: ['face_info'],
    prepare: present,
    check: async (_registry, _said, data, faceIds) => {
      assert.equal(Object.keys(data.face_info).join(), faceItem);
      assert.deepEqual([data.face_info.face_id], faceIds);
    },
  },
  addgroupids: {
    fields: ['session_id', 'person_id', 'added', 'group_ids'],
    prepare: (registry, said) => registry.ensurePresent(person(said), ['always']),
    check: async (registry, said, data) => {
      assert.deepEqual([data.person_id, data.added], [person(said), said.group_ids?.length]);
      assert.deepEqual(data.group_ids, ['always', ...(said.group_ids ?? [])]);
      assert.deepEqual((await infoOf(registry, said)).group_ids, data.group_ids);
    },
  },
  delgroupids: {
    fields: ['session_id', 'person_id', 'deleted', 'group_ids'],
    prepare: present,
    check: async (registry, said, data) => {
      assert.deepEqual([data.person_id, data.deleted], [person(said), said.group_ids?.length]);
      assert.deepEqual(data.group_ids, ['always']);
      assert.deepEqual((await infoOf(registry, said)).group_ids, ['always']);
    },
  },
  detect: {
    fields: ['session_id', 'image_width', 'image_height', 'face'],
    pictures: ['ada'],
    prepare: async () => [],
    check: async (registry, _said, data) => {
      assert.deepEqual([data.image_width, data.image_height, data.face.length], [200, 200, 1]);
      assert.equal(Object.keys(data.face[0]).join(), faceItem);
      assert.equal((await registry.call('getfaceinfo', { face_id: data.face[0].face_id })).code, -1305);
    },
  },
  shape: {
    fields: ['session_id', 'image_width', 'image_height', 'face_shape'],
    pictures: ['ada'],
    prepare: async () => [],
    check: async (_registry, _said, data) => {
      assert.deepEqual([data.image_width, data.image_height, data.face_shape.length], [200, 200, 1]);
      const counts = Object.entries(data.face_shape[0]).map(([name, points]) => [name, (points as []).length]);
      assert.deepEqual(Object.fromEntries(counts), contours);
    },
  },
  compare: {
    fields: ['session_id', 'similarity'],
    pictures: ['ada', 'ada again'],
    prepare: async () => [],
    check: async (_registry, _said, { similarity }) => assert.ok(similarity >= 80 && similarity <= 100, similarity),
  },
  verify: {
    fields: ['session_id', 'confidence', 'ismatch'],
    pictures: ['ada again'],
    prepare: present,
    check: async (_registry, _said, { confidence, ismatch }) => {
      assert.ok(confidence >= 80 && confidence <= 100, confidence);
      assert.equal(ismatch, true);
    },
  },
  identify: {
    fields: ['session_id', 'candidates'],
    pictures: ['ada again'],
    prepare: present,
    check: async (_registry, said, { candidates }, faceIds) => checkCandidates(candidates, said, faceIds),
  },
  multidentify: {
    fields: ['session_id', 'results'],
    pictures: ['ada again'],
    prepare: present,
    check: async (_registry, said, { results }, faceIds) => {
      assert.equal(results.length, 1);
      assert.equal(Object.keys(results[0]).join(), 'candidates,face_rect');
      assert.equal(Object.keys(results[0].face_rect).join(), 'x,y,width,height');
      checkCandidates(results[0].candidates, said, faceIds);
    },
  },
};

function checkCandidates(candidates: readonly Data[], said: Said, faceIds: readonly string[]): void {
  assert.ok(candidates.length >= 1 && candidates.length <= 5, `${candidates.length} candidates`);
  for (const one of candidates) assert.equal(Object.keys(one).join(), 'person_id,face_id,confidence,tag');
  const confidences = candidates.map((one) => one.confidence);
  assert.deepEqual(
    confidences,
    confidences.toSorted((a, b) => b - a),
    'best first',
  );
  const found = candidates.find((one) => one.person_id === person(said));
  assert.ok(found?.confidence >= 80, `the person is found: ${JSON.stringify(candidates)}`);
  assert.ok(faceIds.includes(found.face_id));
}
