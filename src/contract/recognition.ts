/** Knows the endpoints that recognise faces (contract §3.2). */
import { z } from 'zod';
import { score, sessionId } from './answers.ts';
import { type Endpoint, pictureRefusals } from './endpoint.ts';
import { faceBox, faceItem, shapeItem } from './face-item.ts';
import { choice, id } from './fields.ts';
import { onPerson, story, storyFace, storyShape } from './story.ts';

const mode = choice('0 for all faces (the default), 1 for the largest only.', [0, 1]);
const side = (about: string) => z.int().min(0).meta({ description: about });
const picture = { url: 'url', image: 'image', many: false } as const;

/** The endpoints by name. */
export const recognitionEndpoints = {
  detect: {
    summary: 'Finds the faces of a picture; the five largest carry every attribute, further ones only their place.',
    fields: { mode },
    pictures: { picture },
    output: z.strictObject({
      session_id: sessionId,
      image_width: side('Width of the upright picture in pixels.'),
      image_height: side('Height of the upright picture in pixels.'),
      face: z
        .array(z.union([faceItem, faceBox]))
        .meta({ description: 'The faces, largest first; their ids name nothing that is kept.' }),
    }),
    refusals: pictureRefusals,
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
    summary: 'Tells how alike the largest faces of two pictures are, from 0 to 100.',
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
    summary: "Tells whether the largest face of a picture is a person's, by all the faces that the person has.",
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
} as const satisfies Record<string, Endpoint>;
