/** The endpoints for recognition (docs/contract.md §3.2). */
import { z } from 'zod';
import { faceId, personId, score, sessionId } from './answers.ts';
import { attributeRefusals, type Endpoint, pictureRefusals } from './endpoint.ts';
import { faceBox, faceItem, faceRect, shapeItem } from './face-item.ts';
import { choice, id, optionalId, optionalIds, text } from './fields.ts';
import { onPerson, story, storyFace, storyShape } from './story.ts';

const mode = choice('0 for all faces (the default), 1 for the largest only.', [0, 1]);
const side = (about: string) => z.int().min(0).meta({ description: about });
const picture = { url: 'url', image: 'image', many: false } as const;
const groups = {
  group_id: optionalId('A group to search.'),
  group_ids: optionalIds(
    'Groups to search together, with `group_id` if both are given; groups that no longer exist are ignored.',
  ),
};
const candidates = z
  .array(
    z.strictObject({
      person_id: personId,
      face_id: faceId,
      confidence: score,
      tag: z.string().meta({ description: "The face's tag; empty if it was never set." }),
    }),
  )
  .max(5)
  .meta({
    description:
      'The persons whom the face resembles most, best first, each with the nearest face; no threshold is applied.',
  });
const identifyRefusals = [...pictureRefusals, 'parameterTooLong', 'groupUnknown', 'tooManyGroups'] as const;
const storyCandidate = { person_id: story.person, face_id: story.face, confidence: 94.2, tag: 'since 1843' };

/** The endpoints by name. */
export const recognitionEndpoints = {
  detect: {
    summary: 'Finds the faces of a picture; the five largest have every attribute, further ones only their position.',
    fields: { mode },
    pictures: { picture },
    output: z.strictObject({
      session_id: sessionId,
      image_width: side('Width of the upright picture in pixels.'),
      image_height: side('Height of the upright picture in pixels.'),
      face: z
        .array(z.union([faceItem, faceBox]))
        .meta({ description: 'The faces, largest first; nothing is stored under their ids.' }),
    }),
    refusals: [...pictureRefusals, ...attributeRefusals],
    products: ['detect'],
    example: {
      request: { appid: story.appid, url: story.url, mode: 1 },
      data: { session_id: story.session, image_width: 1920, image_height: 1350, face: [storyFace] },
    },
  },
  shape: {
    summary: 'Traces the contours of the faces of a picture, of the five largest at most.',
    fields: { mode },
    pictures: { picture },
    output: z.strictObject({
      session_id: sessionId,
      image_width: side('Width of the upright picture in pixels.'),
      image_height: side('Height of the upright picture in pixels.'),
      face_shape: z.array(shapeItem).meta({ description: 'The contours of the faces, largest first.' }),
    }),
    refusals: pictureRefusals,
    products: ['shape'],
    example: {
      request: { appid: story.appid, url: story.url },
      data: { session_id: story.session, image_width: 1920, image_height: 1350, face_shape: [storyShape] },
    },
  },
  compare: {
    summary: 'Compares the largest faces of two pictures: a similarity from 0 to 100.',
    fields: {},
    pictures: {
      first: { url: 'urlA', image: 'imageA', many: false },
      second: { url: 'urlB', image: 'imageB', many: false },
    },
    output: z.strictObject({
      session_id: sessionId,
      similarity: score,
      fail_flag: z.literal([1, 2]).optional().meta({ description: 'On failure only: the picture at fault.' }),
    }),
    refusals: pictureRefusals,
    products: ['compare'],
    example: {
      request: { appid: story.appid, urlA: story.url, urlB: story.otherUrl },
      data: { session_id: story.session, similarity: 31.42 },
    },
  },
  verify: {
    summary: 'Verifies whether the largest face of a picture belongs to a person, by all faces of the person.',
    fields: { person_id: id("The person's id.") },
    pictures: { picture },
    output: z.strictObject({
      session_id: sessionId,
      confidence: score,
      ismatch: z.boolean().meta({ description: 'Whether the confidence is 75 or more.' }),
    }),
    refusals: [...pictureRefusals, 'parameterTooLong', 'personUnknown', 'faceUnknown'],
    products: ['verify'],
    example: {
      request: { ...onPerson, url: story.url },
      data: { session_id: story.session, confidence: 94.2, ismatch: true },
    },
  },
  identify: {
    summary: 'Finds the persons of some groups whom the largest face of a picture resembles most.',
    fields: groups,
    oneOf: ['group_id', 'group_ids'],
    pictures: { picture },
    output: z.strictObject({ session_id: sessionId, candidates }),
    refusals: identifyRefusals,
    products: ['identify'],
    example: {
      request: { appid: story.appid, group_id: 'staff', url: story.url },
      data: { session_id: story.session, candidates: [storyCandidate] },
    },
  },
  multidentify: {
    summary:
      'Finds the persons of some groups whom each face of a picture resembles most, for the 50 largest faces at most.',
    fields: { ...groups, session_id: text("Sent back in place of the request's own id.") },
    oneOf: ['group_id', 'group_ids'],
    pictures: { picture },
    output: z.strictObject({
      session_id: z.string().meta({ description: "The one that was sent, otherwise the request's own id." }),
      results: z
        .array(z.strictObject({ candidates, face_rect: faceRect }))
        .meta({ description: 'The faces, largest first.' }),
    }),
    refusals: identifyRefusals,
    products: ['identify'],
    example: {
      request: { appid: story.appid, group_ids: ['staff', 'berlin'], url: story.url },
      data: {
        session_id: story.session,
        results: [{ candidates: [storyCandidate], face_rect: { x: 871, y: 212, width: 206, height: 232 } }],
      },
    },
  },
} as const satisfies Record<string, Endpoint>;
