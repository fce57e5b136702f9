/** Operations on the groups and persons of an appid: looked through page by page, changed, and erased. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
const id = z.string().min(1).max(1_000);
const person = { appid, person: id };
const prefix = z.string().max(1_000).default('');
/** Items that a page may have at most. */
const count = z.number().int().min(1).max(100).default(50);

/** Where a page is: after a cursor, or before it; the first one if there is none. Cursors are those of an answer. */
const at = <C extends z.ZodType>(cursor: C) => ({
  cursor: cursor.optional(),
  isBackward: z.boolean().default(false),
  count,
});
/** The cursors by which the pages around one are asked for; absent if there are none. */
const around = <C extends z.ZodType>(cursor: C) => ({ previous: cursor.optional(), next: cursor.optional() });

const personCursor = z.object({ id: z.string().max(1_000), name: z.string().max(1_000) });
const ordinal = z.number().int();

const face = z.object({
  id: z.string(),
  tag: z.string(),
  /** In pixels of the picture, upright, that it was found in. */
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** On the scales of FaceItem (docs/contract.md §3.1). */
  attributes: z.object({
    gender: z.number(),
    age: z.number(),
    expression: z.number(),
    glass: z.boolean(),
    pitch: z.number(),
    yaw: z.number(),
    roll: z.number(),
  }),
  /** 0 to 100; absent of a face that a version before added. */
  quality: z.number().optional(),
  /** The digests of the models that have embedded it. */
  models: z.array(z.string()),
});

/** Operations on the groups and persons of an appid. */
export const registerOperations = {
  'register.groups': {
    summary: 'Lists groups in the order of their ids, with how many persons are in each.',
    right: 'reader',
    input: z.strictObject({ appid, prefix, ...at(id) }),
    output: z.object({
      /** Of the appid, whatever the prefix. */
      total: z.number(),
      groups: z.array(z.object({ id: z.string(), members: z.number() })),
      ...around(z.string()),
    }),
  },
  'register.persons': {
    summary: 'Lists persons in the order of their ids or names, of a group if one is given, that begin with a text.',
    right: 'reader',
    input: z.strictObject({
      appid,
      group: id.optional(),
      by: z.enum(['id', 'name']).default('id'),
      prefix,
      ...at(personCursor),
    }),
    output: z.object({
      /** Of the appid, or of the group; whatever the prefix. */
      total: z.number(),
      persons: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          tag: z.string(),
          faces: z.number(),
          /** The first face; null if there is none. */
          face: z.string().nullable(),
        }),
      ),
      ...around(personCursor),
    }),
  },
  'register.person': {
    summary: 'Shows a person.',
    right: 'reader',
    input: z.strictObject(person),
    output: z.object({ id: z.string(), name: z.string(), tag: z.string(), faces: z.number(), groups: z.number() }),
  },
  'register.faces': {
    summary: 'Lists the faces of a person, in the order in which they were added. Their pictures are at `/api/crop`.',
    right: 'reader',
    input: z.strictObject({ ...person, ...at(ordinal) }),
    output: z.object({ faces: z.array(face), ...around(ordinal) }),
  },
  'register.groupsOf': {
    summary: 'Lists the groups of a person, in the order in which it joined them.',
    right: 'reader',
    input: z.strictObject({ ...person, ...at(ordinal) }),
    output: z.object({ groups: z.array(z.string()), ...around(ordinal) }),
  },
  'register.history': {
    summary: 'Lists what was changed of a person, by whom, the newest first; of one that was erased, too.',
    right: 'reader',
    input: z.strictObject({ ...person, before: ordinal.optional(), count }),
    output: z.object({
      lines: z.array(
        z.object({
          /** Milliseconds since 1970. */
          at: z.number(),
          kind: z.string(),
          actor: z.string(),
          action: z.string(),
          /** How many of each were touched, and the ids of those that are still registered; of a few of them. */
          persons: z.object({ count: z.number(), ids: z.array(z.string()) }),
          faces: z.object({ count: z.number(), ids: z.array(z.string()) }),
          groups: z.object({ count: z.number(), ids: z.array(z.string()) }),
        }),
      ),
      /** What `before` is for the lines before these; absent if there are none. */
      next: ordinal.optional(),
    }),
  },
  'register.setPerson': {
    summary: 'Changes the name or the tag of a person; what is absent is left as it is.',
    right: 'editor',
    input: z.strictObject({ ...person, name: z.string().optional(), tag: z.string().optional() }),
    output: z.object({}),
  },
  'register.joinGroups': {
    summary: 'Makes a person a member of groups, all of them or none; those that are not there are made.',
    right: 'editor',
    input: z.strictObject({ ...person, groups: z.array(id).min(1).max(1_000) }),
    output: z.object({
      /** How many of them are new to the person. */
      joined: z.number(),
    }),
  },
  'register.leaveGroups': {
    summary: 'Has a person leave groups. A group ends with its last member.',
    right: 'editor',
    input: z.strictObject({ ...person, groups: z.array(id).min(1).max(1_000) }),
    output: z.object({ left: z.number() }),
  },
  'register.eraseFaces': {
    summary: 'Erases faces of a person, with their pictures and embeddings, for ever.',
    right: 'editor',
    input: z.strictObject({ ...person, faces: z.array(id).min(1).max(10_000) }),
    output: z.object({ erased: z.number() }),
  },
  'register.erasePerson': {
    summary: 'Erases a person with all faces, for ever.',
    right: 'editor',
    input: z.strictObject(person),
    output: z.object({}),
  },
  'register.eraseGroup': {
    summary: 'Ends a group: every person leaves it, and none is erased.',
    right: 'editor',
    input: z.strictObject({ appid, group: id }),
    output: z.object({
      /** How many persons left it. */
      left: z.number(),
    }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
