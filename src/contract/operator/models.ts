/** Operations on model packs, and on upgrading a register from one to another. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const name = z.string().min(1).max(32);
const count = z.number();

const pack = z.object({
  name: z.string(),
  about: z.string(),
  /** `in use`; `preparing` for the one that is upgraded to; `kept` for those that can be gone back to; else whether its files are there. */
  state: z.enum(['in use', 'preparing', 'kept', 'installed', 'absent']),
  /** Whether its scores were measured; null for a pack without a recogniser of its own. */
  isMeasured: z.boolean().nullable(),
});

const upgrade = z.object({
  pack: z.string(),
  /** `asked`: servers load the pack. `converting`: embeddings are made. `complete`: servers read them, and then switch. */
  phase: z.enum(['asked', 'converting', 'complete', 'paused', 'failed']),
  /** Faces that have an embedding of the pack, of so many. */
  done: count,
  total: count,
  /** Faces a second since the conversion began; null if it is not known yet. */
  rate: count.nullable(),
  secondsLeft: count.nullable(),
  /** Faces that cannot be converted, by reason. */
  failures: z.array(z.object({ reason: z.string(), faces: count })),
  /** Why it failed; empty if it did not. */
  message: z.string(),
  /** What servers say of the pack. */
  servers: z.array(z.object({ server: z.string(), state: z.enum(['able', 'ready', 'failed']), message: z.string() })),
});

const scores = z.object({
  pack: z.string(),
  /** Pairs of faces of one person, and of two persons, in fifty bins of two points each from 0 to 100. */
  same: z.array(count),
  others: z.array(count),
  /** The share of pairs that reach a score. */
  reaching: z.array(z.object({ score: count, same: count, others: count })),
  /** Persons who are probably one: pairs of faces of two persons with a score of 90 or more, the highest first. */
  doubles: z.array(z.object({ persons: z.array(z.string()), faces: z.array(z.string()), score: count })),
  doublesCount: count,
  /** Faces that are nearer to another person's face than to any other of their own person. */
  confused: z.array(z.object({ face: z.string(), person: z.string(), takenFor: z.string(), own: count, other: count })),
  confusedCount: count,
});

/** Operations on packs. */
export const modelOperations = {
  'models.list': {
    summary: 'Lists the model packs that are installed or known, and what the register keeps of them.',
    right: 'reader',
    input: z.strictObject({}),
    output: z.object({ packs: z.array(pack) }),
  },
  'models.progress': {
    summary: 'Tells how far the upgrade is that is under way.',
    right: 'reader',
    input: z.strictObject({}),
    output: z.object({ upgrade: upgrade.nullable() }),
  },
  'models.plan': {
    summary: 'Tells what an upgrade to a pack would take, and changes nothing.',
    right: 'reader',
    input: z.strictObject({ pack: name }),
    output: z.object({
      pack: z.string(),
      /** Faces without an embedding of the pack, and how many of them have no crop to make it of. */
      faces: count,
      withoutCrop: count,
      /** Milliseconds of one processor for a face, as measured now; null without a face to try. */
      msPerFace: count.nullable(),
      seconds: count.nullable(),
      bytes: count,
    }),
  },
  'models.upgrade': {
    summary: 'Upgrades the register to a pack while it is called, or goes on with an upgrade that failed.',
    right: 'owner',
    input: z.strictObject({ pack: name, withoutFailed: z.boolean().optional() }),
    output: z.object({}),
  },
  'models.pause': {
    summary: 'Pauses the upgrade: faces are not converted meanwhile.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({ pack: z.string() }),
  },
  'models.resume': {
    summary: 'Goes on with an upgrade that is paused or has failed.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({ pack: z.string() }),
  },
  'models.cancel': {
    summary: 'Gives the upgrade up: the pack in use stays.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({ pack: z.string() }),
  },
  'models.revert': {
    summary: 'Goes back to a pack that is kept, the last one if none is named.',
    right: 'owner',
    input: z.strictObject({ pack: name.optional() }),
    output: z.object({ pack: z.string() }),
  },
  'models.prune': {
    summary: 'Deletes the embeddings of every pack but the one in use, for ever.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({ packs: z.array(z.string()), embeddings: count }),
  },
  'models.compare': {
    summary: 'Tells how two packs tell the persons of an appid apart, on their own faces; nothing is changed.',
    right: 'reader',
    input: z.strictObject({
      appid: z.string().min(1).max(128),
      packs: z.tuple([name, name]),
      facesMax: z.number().int().min(2).max(20_000).optional(),
    }),
    output: z.object({ faces: count, persons: count, packs: z.array(scores), svg: z.string() }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
