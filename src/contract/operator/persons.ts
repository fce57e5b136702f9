/** Operations that correct who is who. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
const id = z.string().min(1).max(1_000);
const faces = z.array(id).min(1).max(10_000);
const kind = z.enum(['move', 'merge', 'split', 'rename', 'forbid', 'allow']);
/** Of a merge the name and tag that the person gets; of a split those of the new person. */
const words = { name: z.string().optional(), tag: z.string().optional() };

/** Persons by their ids, as the commands `familiar persons` take them. */
const correction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), faces, to: id }),
  z.strictObject({ kind: z.literal('merge'), from: id, to: id, ...words }),
  z.strictObject({ kind: z.literal('split'), from: id, faces, to: id, ...words }),
  z.strictObject({ kind: z.literal('rename'), from: id, to: id }),
  z.strictObject({ kind: z.literal('forbid'), first: id, second: id }),
  z.strictObject({ kind: z.literal('allow'), first: id, second: id }),
]);

/** Operations that correct who is who. */
export const personOperations = {
  'persons.correct': {
    summary: 'Moves faces, merges, splits or renames persons, or says that two are not the same.',
    right: 'editor',
    input: z.strictObject({ appid, correction }),
    /** By its id a correction can be undone for a day. */
    output: z.object({ id: z.string() }),
  },
  'persons.undo': {
    summary: 'Undoes a correction.',
    right: 'editor',
    input: z.strictObject({ appid, id: z.string().max(128) }),
    output: z.object({}),
  },
  'persons.corrections': {
    summary:
      'Lists the corrections that can be undone, of a person if one is given, the newest first: a hundred at most.',
    right: 'reader',
    input: z.strictObject({ appid, person: id.optional() }),
    output: z.object({
      corrections: z.array(
        z.object({
          id: z.string(),
          kind,
          /** Milliseconds since 1970. */
          madeAt: z.number(),
          /** The persons that it tells of. */
          persons: z.array(z.string()),
          /** The faces that it gave to another person. */
          faces: z.array(z.string()),
        }),
      ),
    }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
