/** The operation that shows what a server does now. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const count = z.number();
/** Milliseconds since 1970. */
const time = z.number();

/** The operation that shows what a server does now. */
export const liveOperations = {
  'server.live': {
    summary: 'Shows what the server does now and did in the last ten minutes, for all appids together.',
    right: 'reader',
    input: z.strictObject({}),
    output: z.object({
      isReady: z.boolean(),
      /** How long a slot is, in milliseconds. */
      slotMs: z.number(),
      /** In order; the last one is over. */
      slots: z.array(
        z.object({
          at: time,
          calls: count,
          /** Those that were answered with another code than 0. */
          refused: count,
          pictures: count,
          /** Half of the calls, and 19 of 20, took no longer; null without calls. */
          p50Ms: z.number().nullable(),
          p95Ms: z.number().nullable(),
        }),
      ),
      /** Why calls were refused in the last ten minutes, the most frequent reason first. */
      refusals: z.array(z.object({ reason: z.string(), code: z.number(), count })),
      inFlight: count,
      /** Pictures that wait for a process, and the wait that the next may expect. */
      picturesWaiting: count,
      expectedWaitMs: z.number(),
      /** Searches and writes that wait for their turn. */
      searchesWaiting: count,
      writesWaiting: count,
      /** Changes of registers that the galleries in memory have not seen. */
      feedLag: count,
      memory: z.object({
        /** Of the server's main process, the index included. */
        processBytes: z.number(),
        indexBytes: z.number(),
        /** The most that the index may take. */
        indexBytesMax: z.number(),
      }),
      diskFreeBytes: z.number(),
      /** Processes that analyse pictures, and how many of them ended and were replaced. */
      analysis: z.object({ present: count, lost: count }),
      /** The servers that share the database; none where it is a file. */
      servers: z.array(
        z.object({
          id: z.string(),
          seenAt: time,
          isThis: z.boolean(),
          /** Absent before the server is ready, and of an older version. */
          self: z
            .object({ version: z.string(), processBytes: z.number(), indexBytes: z.number(), indexFaces: count })
            .optional(),
          /** The registries that it follows, the changes of them that it has noted to have seen, and those that it has not. */
          galleries: count,
          changesSeen: count,
          changesBehind: count,
        }),
      ),
    }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
