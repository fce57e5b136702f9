/** Operations that report: the state of the server, usage, statements, the audit. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
const day = z.iso.date();
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month is spelled as 2026-11');
const by = z.enum(['month', 'day', 'key', 'endpoint', 'product', 'code']);

const usageRow = z.object({
  appid,
  month: z.string().optional(),
  day: z.string().optional(),
  key: z.string().optional(),
  endpoint: z.string().optional(),
  product: z.string().optional(),
  code: z.number().optional(),
  /** Calls answered with code 0, and with any other. */
  ok: z.number(),
  failed: z.number(),
  pictures: z.number(),
  faces: z.number(),
});

const auditLine = z.object({
  appid: z.string(),
  chain: z.string(),
  sequence: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
  kind: z.string(),
  actor: z.string(),
  action: z.string(),
  /** By kind, twenty of each at most; an id that is erased is absent. */
  ids: z.record(z.string(), z.array(z.object({ digest: z.string(), id: z.string().optional() }))),
  /** How many more the line tells of. */
  more: z.number(),
  detail: z.record(z.string(), z.unknown()).optional(),
  code: z.number().nullable(),
  requestId: z.string(),
});

/** Operations that report. */
export const reportOperations = {
  'usage.report': {
    summary: 'Reports the counted calls of a span of days.',
    right: 'reader',
    input: z.strictObject({ appid, from: day, to: day, by: z.array(by).max(6).default([]) }),
    output: z.object({ rows: z.array(usageRow) }),
  },
  'statements.make': {
    summary: 'Makes the statement of a month as a page, as text or as JSON.',
    right: 'reader',
    input: z.strictObject({
      appid,
      month,
      format: z.enum(['text', 'json', 'html']).default('json'),
      language: z.enum(['en', 'zh']).default('en'),
    }),
    output: z.object({ content: z.string(), isClosed: z.boolean() }),
  },
  'audit.list': {
    summary: 'Lists the newest lines of the audit of an appid, the oldest of them first.',
    right: 'reader',
    input: z.strictObject({
      appid,
      actor: z.string().optional(),
      action: z.string().optional(),
      id: z.string().optional(),
      from: z.number().optional(),
      to: z.number().optional(),
      linesMax: z.number().int().min(1).max(1_000).default(100),
    }),
    output: z.object({ lines: z.array(auditLine) }),
  },
  'audit.installation': {
    summary: 'Lists the newest lines of the audit that are about the installation.',
    right: 'owner',
    input: z.strictObject({ linesMax: z.number().int().min(1).max(1_000).default(100) }),
    output: z.object({ lines: z.array(auditLine) }),
  },
  'audit.verify': {
    summary: 'Checks every chain of the audit.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.object({
      chains: z.array(
        z.object({
          appid: z.string(),
          chain: z.string(),
          lines: z.number(),
          /** The first line that is not as it was written, and why; absent if all are. */
          broken: z.object({ sequence: z.number(), reason: z.string() }).optional(),
        }),
      ),
    }),
  },
  'server.show': {
    summary: 'Shows how the server does.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      isReady: z.boolean(),
      /** The address of the face API. */
      url: z.string(),
      model: z.string(),
      /** Pictures that wait, and the wait that the next may expect in milliseconds. */
      waiting: z.number(),
      expectedWaitMs: z.number(),
      /** Calls in flight. */
      inFlight: z.number(),
      /** Faces and persons that are held in memory to be searched. */
      facesInMemory: z.number(),
      personsInMemory: z.number(),
    }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
