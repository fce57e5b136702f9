/**
 * A server of its own process over a PostgreSQL database, with a clock that is told and an analyser that takes any text for the
 * face that it names: for tests of what several servers do together, and what is left of one that is killed.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OpenedAnalyzer } from '../../src/app/packs/opened-analyzer.ts';
import type { AnalyzeOptions, FacePart, FaceParts } from '../../src/domain/face-analyzer.ts';
import { startApp } from '../harness.ts';

const dimension = 128;
const points = [{ x: 1, y: 1 }];

/** The embedding of the face that a text names: two of them are as far apart as strangers. */
function embeddingOf(name: string): Float32Array {
  const digest = createHash('shake256', { outputLength: dimension }).update(name).digest();
  const values = Float32Array.from(digest, (byte) => byte - 127.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** A picture is a text: the face that it shows, or nobody if it is `nobody`. */
const analyzer: OpenedAnalyzer = {
  model: 'sha256:0',
  dimension,
  scoreOf: (cosine) => Math.round(cosine * 1e4) / 100,
  compare: (a, b) => ({ score: 100 * a.reduce((sum, value, i) => sum + value * b[i]!, 0), mayBeCopy: false }),
  areCopies: async (_, others) => others.map(() => false),
  async analyze<P extends FacePart>(bytes: Uint8Array, { parts = [] }: AnalyzeOptions<P>) {
    const name = new TextDecoder().decode(bytes);
    await wait(name.length % 4);
    const all: FaceParts = {
      attributes: { gender: 0, age: 30, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 },
      embedding: embeddingOf(name),
      crop: Uint8Array.of(1),
      shape: {
        ...{ profile: points, leftEye: points, rightEye: points, nose: points, mouth: points },
        ...{ leftEyebrow: points, rightEyebrow: points },
      },
      quality: { score: 100 },
      further: [],
    };
    const asked = Object.fromEntries(parts.map((part) => [part, all[part]])) as Pick<FaceParts, P>;
    const faces = name === 'nobody' ? [] : [{ box: { x: 0, y: 0, width: 100, height: 100 }, ...asked }];
    return { width: 640, height: 480, faces, others: [], timings: {} };
  },
  async [Symbol.asyncDispose]() {},
};

const options = { database: { type: 'string' }, now: { type: 'string' } } as const;
const { values } = parseArgs({ options });
const [began, begin] = [Date.now(), Number(values.now)];
await using server = await startApp(
  // Nobody is told to come later: such a call may be answered before it is counted.
  { database: values.database, queueWaitMaxMs: 60_000, appidCallsMax: 1_000, appidPicturesMax: 1_000 },
  { now: () => begin + Date.now() - began, openAnalyzer: async () => analyzer },
);
process.stdout.write(`${server.app.url}\n`);
await once(process, 'SIGTERM');
await server.app.drain();
