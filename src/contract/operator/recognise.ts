/** Operations on pictures: what they show, who it is, and enrolling it. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
/** What the face API does not take is refused as it refuses it. */
const id = z.string().max(1_000);
const words = z.string().max(10_000);

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const point = z.object({ x: z.number(), y: z.number() });

/** Where the faces of a picture are, in pixels of the upright picture. */
const seen = z.object({
  width: z.number(),
  height: z.number(),
  /** Those that are told of first; then, the largest first, the others. */
  boxes: z.array(box),
  /** Which of the boxes is meant where one face is; absent if there is none. */
  chosen: z.number().optional(),
});

/** Why the face API would have refused the call. Nothing was changed. */
const refusal = z.object({
  name: z.string(),
  code: z.number(),
  /** In English; empty if there is nothing more to say. */
  detail: z.string(),
});

const quality = z.object({ score: z.number(), fault: z.string().optional() });

const contours = z.object({
  profile: z.array(point),
  leftEye: z.array(point),
  rightEye: z.array(point),
  leftEyebrow: z.array(point),
  rightEyebrow: z.array(point),
  mouth: z.array(point),
  nose: z.array(point),
});

const describedFace = z.object({
  gender: z.number(),
  age: z.number(),
  expression: z.number(),
  glass: z.boolean(),
  pitch: z.number(),
  yaw: z.number(),
  roll: z.number(),
  quality,
  contours: contours.optional(),
});

const candidate = z.object({
  personId: z.string(),
  name: z.string(),
  /** The face's. */
  tag: z.string(),
  /** The person's face that is most like the one in the picture. */
  faceId: z.string(),
  confidence: z.number(),
  /** Whether both are of one photograph. */
  isSamePicture: z.boolean(),
});

/** What comparisons say: 0 to 100, as the face API tells it. */
const likeness = z.object({
  confidence: z.number(),
  isSamePicture: z.boolean(),
  /** Up to where the scale of the networks in use says how many strangers reach a confidence. */
  fittedMost: z.number(),
});

/** What came of a picture that was to be enrolled. */
const enrolled = z.object({
  refusal: refusal.optional(),
  seen: seen.optional(),
  quality: quality.optional(),
  /** The new face; of a picture that the person has already the one that is there. */
  faceId: z.string().optional(),
});

/** Operations on pictures. */
export const recogniseOperations = {
  'recognise.analyse': {
    summary: 'Finds the faces of a picture, and describes the largest ones.',
    right: 'reader',
    input: z.strictObject({ appid, contours: z.boolean().default(false) }),
    pictures: ['picture'],
    output: z.object({
      refusal: refusal.optional(),
      seen: seen.optional(),
      /** Of the first boxes. */
      faces: z.array(describedFace),
    }),
  },
  'recognise.identify': {
    summary: 'Tells whom the faces of a picture resemble most, of some groups or of all.',
    right: 'reader',
    input: z.strictObject({ appid, groupIds: z.array(id).max(10_000).default([]) }),
    pictures: ['picture'],
    output: z.object({
      refusal: refusal.optional(),
      seen: seen.optional(),
      /** The candidates of the first boxes, the most alike first. */
      faces: z.array(z.object({ candidates: z.array(candidate) })),
      /** About how many persons and faces were searched. */
      gallery: z.object({ persons: z.number(), faces: z.number() }),
      /** As of {@link likeness}. */
      fittedMost: z.number(),
    }),
  },
  'recognise.compare': {
    summary: 'Tells how alike the faces of two pictures are.',
    right: 'reader',
    input: z.strictObject({ appid }),
    pictures: ['first', 'second'],
    output: z.object({
      refusal: refusal.optional(),
      first: seen.optional(),
      second: seen.optional(),
      likeness: likeness.optional(),
    }),
  },
  'recognise.verify': {
    summary: 'Tells how alike the face of a picture is to all the faces of a person.',
    right: 'reader',
    input: z.strictObject({ appid, personId: id }),
    pictures: ['picture'],
    output: z.object({
      refusal: refusal.optional(),
      seen: seen.optional(),
      likeness: likeness.optional(),
      /** Whether the face API says that it is the person. */
      isMatch: z.boolean().optional(),
    }),
  },
  'enrol.person': {
    summary: 'Registers a person with the face of a picture.',
    right: 'editor',
    input: z.strictObject({
      appid,
      personId: id,
      name: words.default(''),
      tag: words.default(''),
      groupIds: z.array(id).max(10_000),
    }),
    pictures: ['picture'],
    output: enrolled,
  },
  'enrol.face': {
    summary: 'Adds the face of a picture to a person.',
    right: 'editor',
    input: z.strictObject({ appid, personId: id, tag: words.default('') }),
    pictures: ['picture'],
    output: enrolled,
  },
} as const satisfies Readonly<Record<string, Operation>>;
