/** Operations that take long, and those that list what they are about. Each begins a job, which `jobs.list` tells of. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const name = z.string().min(1).max(255);
const appid = z.string().min(1).max(128);
/** Milliseconds since 1970. */
const time = z.number();
const count = z.number();
const started = z.object({ id: z.string() });

const manifest = z.object({
  /** `2026-11-30T05:41:00.000Z`. */
  madeAt: z.string(),
  version: z.string(),
  /** Fingerprint of the master key that opens it. */
  masterKey: z.string().nullable(),
  pack: z.string().nullable(),
  contents: z.object({ appids: count, persons: count, faces: count }),
});

const result = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('doctor'),
    findings: z.array(z.object({ check: z.string(), ok: z.boolean(), found: z.string(), mend: z.string() })),
  }),
  z.object({ kind: z.literal('backup'), manifest }),
  z.object({ kind: z.literal('verifyBackup'), manifest, isDecrypted: z.boolean() }),
  z.object({ kind: z.literal('importArchive'), persons: count, faces: count }),
  z.object({
    kind: z.literal('importPictures'),
    persons: count,
    added: count,
    known: count,
    earlier: count,
    refused: count,
    refusals: z.record(z.string(), count),
    /** The first hundred that were refused. */
    first: z.array(z.object({ person_id: z.string(), picture: z.string(), reason: z.string(), detail: z.string() })),
  }),
]);

const job = z.object({
  id: z.string(),
  kind: z.enum(['doctor', 'backup', 'verifyBackup', 'importArchive', 'importPictures']),
  subject: z.string(),
  operator: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  state: z.enum(['running', 'done', 'failed']),
  progress: z.object({ done: count, total: count }).nullable(),
  error: z.string(),
  result: result.nullable(),
});

/** Operations that take long. */
export const jobOperations = {
  'jobs.list': {
    summary: 'Lists the jobs of this server, the newest first: those that run, and the last ones that are over.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({ jobs: z.array(job) }),
  },
  'jobs.stop': {
    summary: 'Stops a job; what it has done until then stays.',
    right: 'owner',
    input: z.strictObject({ id: z.string().max(128) }),
    output: z.object({}),
  },
  'doctor.run': {
    summary: 'Begins to examine the installation, as `familiar doctor` does; nothing is changed.',
    right: 'owner',
    input: z.strictObject({}),
    output: started,
  },
  'backups.list': {
    summary: 'Lists the backups in the folder that the server was started with, the newest first.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({
      /** Whether there is such a folder (`--backup-folder`). */
      isPossible: z.boolean(),
      backups: z.array(z.object({ name: z.string(), manifest })),
    }),
  },
  'backups.make': {
    summary: 'Begins a backup of the register into that folder, under a name that tells the time.',
    right: 'owner',
    input: z.strictObject({}),
    output: started,
  },
  'backups.verify': {
    summary: 'Begins to check a backup: its files, its pages, and every encrypted value.',
    right: 'owner',
    input: z.strictObject({ name }),
    output: started,
  },
  'imports.sources': {
    summary: 'Lists what can be imported of the folder that the server was started with.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({
      /** Whether there is such a folder (`--import-folder`). */
      isPossible: z.boolean(),
      sources: z.array(z.object({ name: z.string(), kind: z.enum(['folders', 'csv', 'archive']) })),
    }),
  },
  'imports.start': {
    summary: 'Begins an import of what was listed; the same import goes on where it was interrupted.',
    right: 'owner',
    input: z.strictObject({
      name,
      /** Whose the persons become. */
      into: appid,
      /** The group of persons who are put into none otherwise. */
      group: z.string().min(1).max(128).default('imported'),
      /** Whether everything is checked and nothing written. */
      isDryRun: z.boolean().default(false),
    }),
    output: started,
  },
} as const satisfies Readonly<Record<string, Operation>>;
