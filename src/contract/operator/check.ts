/** Operations that check a register, carry out what checks propose, and list persons who were not seen for long. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
const id = z.string().min(1).max(1_000);
const proposalId = z.string().min(1).max(128);
const kind = z.enum(['double', 'stray', 'copy', 'lowQuality']);
const score = z.number();
/** Where a list goes on: as the page before answered it. */
const place = z.strictObject({ weight: z.number().int(), id: proposalId });
const pair = z.tuple([z.string(), z.string()]);

/** What is proposed. */
const finding = z.discriminatedUnion('kind', [
  /** Two persons are probably one; `faces` are those that are most like all others of each. */
  z.object({ kind: z.literal('double'), persons: pair, faces: pair, score, samePicture: z.boolean() }),
  /** A face is unlike the others of its person, and perhaps like another one. */
  z.object({
    kind: z.literal('stray'),
    person: z.string(),
    face: z.string(),
    score,
    resembles: z.object({ person: z.string(), face: z.string(), score }).optional(),
  }),
  /** Two faces of a person are of one photograph; the second was enrolled later. */
  z.object({ kind: z.literal('copy'), person: z.string(), faces: pair }),
  /** A face is hardly fit for recognition; quality is 0 to 100. */
  z.object({ kind: z.literal('lowQuality'), person: z.string(), face: z.string(), quality: z.number() }),
]);

/** How many proposals are open, by kind. */
const open = z.record(z.string(), z.number());
/** By this id what was done can be undone for a day; absent where it cannot. */
const correction = z.object({ correction: z.string().optional() });

/** Operations that check a register. */
export const checkOperations = {
  'check.run': {
    summary: 'Begins a check: compares all persons with all, beside the calls, and proposes corrections.',
    right: 'editor',
    input: z.strictObject({ appid }),
    output: z.object({}),
  },
  'check.progress': {
    summary: 'Shows how the last check does, on whichever server or command line it runs.',
    right: 'reader',
    input: z.strictObject({ appid }),
    output: z.object({
      /** `none` if there was none; `lost` if it ended without a word. */
      state: z.enum(['none', 'running', 'done', 'failed', 'lost']),
      /** Milliseconds since 1970. */
      beganAt: z.number().optional(),
      seenAt: z.number().optional(),
      /** Comparisons, in persons. */
      done: z.number(),
      total: z.number(),
      /** Of one that is done. */
      outcome: z
        .object({
          persons: z.number(),
          faces: z.number(),
          /** Persons with one face. */
          single: z.number(),
          /** Faces of which no quality is known. */
          unknownQuality: z.number(),
          ms: z.number(),
          /** Whether more was found than is kept. */
          isCut: z.boolean(),
        })
        .optional(),
      open,
    }),
  },
  'check.list': {
    summary: 'Lists the open proposals, the surest first.',
    right: 'reader',
    input: z.strictObject({
      appid,
      kind: kind.optional(),
      after: place.optional(),
      count: z.number().int().min(1).max(500).default(50),
    }),
    output: z.object({
      proposals: z.array(z.object({ id: z.string(), finding })),
      /** Where there are more; absent at the end. */
      next: place.optional(),
    }),
  },
  'check.accept': {
    summary: 'Carries a proposal out: merges two persons, gives a face to another one, or erases a face.',
    right: 'editor',
    input: z.strictObject({
      appid,
      id: proposalId,
      /** Of a double the person that stays; of a stray whose the face is: one that is not there is made. */
      to: id.optional(),
      name: z.string().optional(),
      tag: z.string().optional(),
      /** Has to be true for a copy and for a face of low quality, which are erased for good. */
      erase: z.boolean().optional(),
    }),
    output: correction,
  },
  'check.dismiss': {
    summary: 'Dismisses a proposal for good.',
    right: 'editor',
    input: z.strictObject({ appid, id: proposalId }),
    output: correction,
  },
  'check.singles': {
    summary: 'Lists persons with one face.',
    right: 'reader',
    input: z.strictObject({
      appid,
      after: z.string().max(1_000).default(''),
      count: z.number().int().min(1).max(1_000).default(100),
    }),
    output: z.object({ persons: z.array(z.string()), next: z.string().optional() }),
  },
  'retention.list': {
    summary: 'Lists persons who were not seen for as many days as the appid sets.',
    right: 'reader',
    input: z.strictObject({
      appid,
      after: z.string().max(1_000).default(''),
      count: z.number().int().min(1).max(1_000).default(100),
    }),
    output: z.object({
      /** Absent if the appid sets none: nobody is due then. */
      days: z.number().optional(),
      /** Whether persons who are due are erased. */
      isErasing: z.boolean(),
      persons: z.array(
        z.object({
          person: z.string(),
          /** The day on which it was last seen, `2026-11-30` in UTC. */
          lastSeen: z.string(),
          faces: z.number(),
        }),
      ),
      next: z.string().optional(),
    }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
