/** Fields of answers that several endpoints share. */
import { z } from 'zod';

/** The request's own id. */
export const sessionId = z
  .string()
  .meta({ description: "The request's own id, also in `x-request-id` and in the log." });
/** A person's id. */
export const personId = z.string().meta({ description: "The person's id." });
/** A face's id. */
export const faceId = z.string().meta({ description: 'The id of the face, 19 decimal digits.' });
/** A number of things. */
export const count = (about: string) => z.int().min(0).meta({ description: about });
/** Ids of groups. */
export const groupIds = (about: string) => z.array(z.string()).meta({ description: about });
/** Ids of faces. */
export const faceIds = (about: string) => z.array(z.string()).meta({ description: about });
/** A score on the one scale of compare, verify and identify. */
export const score = z.number().min(0).max(100).meta({
  description:
    '0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture.',
});
