/** The description of a face as it is sent (docs/contract.md §3.1, FaceItem). */
import { z } from 'zod';

const pixels = z.int();
const degrees = (most: number) => z.int().min(-most).max(most);

/** One face; its keys in the order in which they are sent. */
export const faceItem = z.strictObject({
  face_id: z
    .string()
    .regex(/^\d{19}$/)
    .meta({ description: 'The id of the face, 19 decimal digits.' }),
  x: pixels.meta({ description: "The box's left edge in pixels of the upright picture." }),
  y: pixels.meta({ description: "The box's top edge in pixels of the upright picture." }),
  width: z.number().positive().meta({ description: "The box's width in pixels." }),
  height: z.number().positive().meta({ description: "The box's height in pixels." }),
  gender: z.int().min(0).max(100).meta({ description: '0 female to 100 male.' }),
  age: z.int().min(0).max(100).meta({ description: 'Years.' }),
  expression: z.int().min(0).max(100).meta({ description: '0 normal, 50 smile, 100 laugh.' }),
  glass: z.boolean().meta({ description: 'Whether glasses are worn; sunglasses count.' }),
  pitch: degrees(30).meta({ description: 'Degrees; positive with the chin up.' }),
  yaw: degrees(30).meta({ description: "Degrees; positive with the nose to the picture's right." }),
  roll: degrees(180).meta({ description: 'Degrees; positive clockwise in the picture.' }),
});

/** One face as it is sent. */
export type FaceItem = z.output<typeof faceItem>;

/** A face of which only the position is sent. */
export const faceBox = faceItem.pick({ face_id: true, x: true, y: true, width: true, height: true });

/** The position of a face as it is sent. */
export type FaceBox = z.output<typeof faceBox>;

/** The position of a face in whole pixels, as multidentify sends it. */
export const faceRect = z.strictObject({
  x: faceItem.shape.x,
  y: faceItem.shape.y,
  width: pixels.positive().meta({ description: "The box's width in pixels." }),
  height: pixels.positive().meta({ description: "The box's height in pixels." }),
});

/** A point of the upright picture. */
const point = z.strictObject({ x: pixels, y: pixels });

const points = (count: number, about: string) => z.array(point).length(count).meta({ description: about });

/** One face's contours (docs/contract.md §3.2, shape). "Left" is the picture's left. */
export const shapeItem = z.strictObject({
  face_profile: points(21, 'From the left ear over the chin to the right ear.'),
  left_eye: points(8, 'Outer corner, lower edge, back along the upper.'),
  right_eye: points(8, 'Outer corner, lower edge, back along the upper.'),
  left_eyebrow: points(8, 'Outer corner, lower edge, back along the upper.'),
  right_eyebrow: points(8, 'Outer corner, lower edge, back along the upper.'),
  mouth: points(22, '12 outer points from the left corner along the lower lip, then 10 inner ones.'),
  nose: points(13, 'The tip first.'),
});

/** One face's contours as they are sent. */
export type ShapeItem = z.output<typeof shapeItem>;
