/** The endpoints for persons, groups and faces (docs/contract.md §3.1). */
import { z } from 'zod';
import { count, faceId, faceIds, groupIds, personId, sessionId } from './answers.ts';
import { attributeRefusals, type Endpoint, pictureRefusals } from './endpoint.ts';
import { faceItem } from './face-item.ts';
import { id, ids, text } from './fields.ts';
import { onPerson, story, storyFace } from './story.ts';

const person = id("The person's id.");
const personName = text("The person's name.");
const tag = text('Any remark.');
const picture = { url: 'url', image: 'image', many: false } as const;

/** The endpoints by name. */
export const personEndpoints = {
  newperson: {
    summary: 'Creates a person from the largest face of a picture, and the groups that it joins.',
    fields: {
      group_ids: ids('The groups to join; those that do not exist are created.'),
      person_id: person,
      person_name: personName,
      tag,
    },
    pictures: { picture },
    output: z.strictObject({
      session_id: sessionId,
      suc_group: count('How many groups were joined.'),
      suc_face: count('How many faces were stored: 1.'),
      person_id: personId,
      face_id: faceId,
      group_ids: groupIds('The groups joined, each once.'),
    }),
    refusals: [
      ...pictureRefusals,
      ...attributeRefusals,
      'parameterTooLong',
      'personExists',
      'tooManyPersons',
      'tooManyGroups',
      'resemblesOther',
    ],
    products: ['verify', 'identify'],
    example: {
      request: { ...onPerson, group_ids: ['staff', 'berlin'], url: story.url, person_name: 'Ada', tag: 'since 1843' },
      data: {
        session_id: story.session,
        suc_group: 2,
        suc_face: 1,
        person_id: story.person,
        face_id: story.face,
        group_ids: ['staff', 'berlin'],
      },
    },
  },
  delperson: {
    summary: 'Erases a person with every face, embedding and crop.',
    fields: { person_id: person },
    pictures: {},
    output: z.strictObject({
      session_id: sessionId,
      deleted: count('How many persons were erased: 1.'),
      person_id: personId,
    }),
    refusals: ['parameterTooLong', 'personUnknown'],
    products: [],
    example: { request: onPerson, data: { session_id: story.session, deleted: 1, person_id: story.person } },
  },
  addface: {
    summary: 'Adds the largest face of each of up to 20 pictures to a person; each picture has a code of its own.',
    fields: { person_id: person, tag },
    pictures: { pictures: { url: 'urls', image: 'images', many: true } },
    output: z.strictObject({
      session_id: sessionId,
      added: count('How many faces were stored.'),
      face_ids: faceIds(
        'One for each picture, in the order sent: the new face, the face that it almost equals, or an empty text.',
      ),
      ret_codes: z
        .array(z.int())
        .meta({ description: 'One for each picture, in the order sent: 0 or the code of its refusal.' }),
    }),
    refusals: [
      ...pictureRefusals,
      ...attributeRefusals,
      'parameterTooLong',
      'personUnknown',
      'tooManyFaces',
      'sameFace',
      'resemblesOther',
    ],
    products: ['verify', 'identify'],
    example: {
      request: { ...onPerson, urls: [story.otherUrl, 'http://pictures.example/sea.jpg'], tag: 'at work' },
      data: { session_id: story.session, added: 1, face_ids: [story.second, ''], ret_codes: [0, -1101] },
    },
  },
  delface: {
    summary: 'Erases faces of a person, each with its embedding and crop.',
    fields: {
      person_id: person,
      face_ids: ids('The faces to erase; those that are not the person’s are ignored.'),
    },
    pictures: {},
    output: z.strictObject({
      session_id: sessionId,
      deleted: count('How many faces were erased.'),
      face_ids: faceIds('The faces that were erased.'),
    }),
    refusals: ['parameterTooLong', 'personUnknown', 'faceUnknown'],
    products: [],
    example: {
      request: { ...onPerson, face_ids: [story.second] },
      data: { session_id: story.session, deleted: 1, face_ids: [story.second] },
    },
  },
  setinfo: {
    summary: "Changes a person's name or tag; an empty text clears it, an absent one leaves it.",
    fields: { person_id: person, person_name: personName, tag },
    pictures: {},
    output: z.strictObject({ session_id: sessionId, person_id: personId }),
    refusals: ['parameterTooLong', 'personUnknown'],
    products: [],
    example: {
      request: { ...onPerson, person_name: 'Ada Lovelace' },
      data: { session_id: story.session, person_id: story.person },
    },
  },
  getinfo: {
    summary: 'Reads a person: name, tag, faces and groups.',
    fields: { person_id: person },
    pictures: {},
    output: z.strictObject({
      person_name: z.string().meta({ description: 'Empty if it was never set.' }),
      person_id: personId,
      face_ids: faceIds('The faces of the person, in order of creation.'),
      group_ids: groupIds('The groups of the person, in the order of joining.'),
      session_id: sessionId,
      tag: z.string().meta({ description: 'Empty if it was never set.' }),
    }),
    refusals: ['parameterTooLong', 'personUnknown'],
    products: [],
    example: {
      request: onPerson,
      data: {
        person_name: 'Ada',
        person_id: story.person,
        face_ids: [story.face],
        group_ids: ['staff', 'berlin'],
        session_id: story.session,
        tag: 'since 1843',
      },
    },
  },
  getgroupids: {
    summary: 'Lists the groups of the appid, in order of creation.',
    fields: {},
    pictures: {},
    output: z.strictObject({ group_ids: groupIds('The groups, in order of creation.') }),
    refusals: ['noGroups'],
    products: [],
    example: { request: { appid: story.appid }, data: { group_ids: ['staff', 'berlin'] } },
  },
  getpersonids: {
    summary: 'Lists the persons of a group, in the order in which they joined.',
    fields: { group_id: id('The group.') },
    pictures: {},
    output: z.strictObject({
      person_ids: z.array(z.string()).meta({ description: 'The persons, in the order in which they joined.' }),
    }),
    refusals: ['parameterTooLong', 'groupUnknown'],
    products: [],
    example: { request: { appid: story.appid, group_id: 'staff' }, data: { person_ids: [story.person] } },
  },
  getfaceids: {
    summary: 'Lists the faces of a person, in order of creation.',
    fields: { person_id: person },
    pictures: {},
    output: z.strictObject({ face_ids: faceIds('The faces, in order of creation.') }),
    refusals: ['parameterTooLong', 'personUnknown'],
    products: [],
    example: { request: onPerson, data: { face_ids: [story.face] } },
  },
  getfaceinfo: {
    summary: 'Reads the attributes of a face as they were when it was added.',
    fields: { face_id: id('The face.') },
    pictures: {},
    output: z.strictObject({ face_info: faceItem.meta({ description: 'Its attributes.' }) }),
    refusals: ['parameterTooLong', 'faceUnknown'],
    products: [],
    example: {
      request: { appid: story.appid, face_id: story.face },
      data: { face_info: storyFace },
    },
  },
  addgroupids: {
    summary: 'Makes a person a member of groups, all of them or none; those that do not exist are created.',
    fields: { person_id: person, group_ids: ids('The groups to join.') },
    pictures: {},
    output: z.strictObject({
      session_id: sessionId,
      person_id: personId,
      added: count('How many groups were new to the person.'),
      group_ids: groupIds('All groups of the person now.'),
    }),
    refusals: ['parameterTooLong', 'personUnknown', 'tooManyPersons', 'tooManyGroups'],
    products: [],
    example: {
      request: { ...onPerson, group_ids: ['rome'] },
      data: {
        session_id: story.session,
        person_id: story.person,
        added: 1,
        group_ids: ['staff', 'berlin', 'rome'],
      },
    },
  },
  delgroupids: {
    summary: 'Ends a person’s membership of groups; a group ends with its last member.',
    fields: {
      person_id: person,
      group_ids: ids('The groups to leave; those that the person is not in are ignored.'),
    },
    pictures: {},
    output: z.strictObject({
      session_id: sessionId,
      person_id: personId,
      deleted: count('How many groups were left.'),
      group_ids: groupIds('All groups of the person now.'),
    }),
    refusals: ['parameterTooLong', 'personUnknown', 'groupUnknown'],
    products: [],
    example: {
      request: { ...onPerson, group_ids: ['berlin'] },
      data: { session_id: story.session, person_id: story.person, deleted: 1, group_ids: ['staff', 'rome'] },
    },
  },
} as const satisfies Record<string, Endpoint>;
