/**
 * Face analysis without networks, for trials and measurements of servers whose networks would take the whole machine: any
 * bytes are a picture of one face, whose embedding follows from them. Equal bytes are one person, others are strangers.
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createSemaphore } from '../../src/concurrency/semaphore.ts';
import type { Analysis, AnalyzeOptions, FacePart, FaceParts } from '../../src/domain/face-analyzer.ts';
import { Random } from '../random.ts';

/** What a server opens in the place of the networks; a part of what {@link import('../../src/app/create-app.ts').Ports} opens. */
export interface StandInOptions {
  /** How long each picture takes, in milliseconds, as if a machine of its own analysed it. */
  readonly waitMs: number;
  /** How many pictures are analysed at once; the others wait for their turn. */
  readonly lanes: number;
}

const dimension = 256;
/** Says which stand-in made an embedding. */
const model = 'sha256:stand-in';
const attributes = { gender: 50, age: 30, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 };

/** Opens the stand-in. */
export function openStandIn({ waitMs, lanes }: StandInOptions) {
  const turns = createSemaphore(lanes, Number.POSITIVE_INFINITY);
  const analyse = async (signal?: AbortSignal): Promise<void> => {
    using _turn = await turns.acquire(signal);
    await setTimeout(waitMs);
  };
  return {
    model,
    dimension,
    async analyze<P extends FacePart>(picture: Uint8Array, options: AnalyzeOptions<P>): Promise<Analysis<P>> {
      options.onTaken?.();
      if (waitMs > 0) await analyse(options.signal);
      return { width: 100, height: 100, faces: [faceOf(picture)], others: [], timings: {} } as unknown as Analysis<P>;
    },
    areCopies: async (_: Uint8Array, others: readonly Uint8Array[]) => others.map(() => false),
    compare: (a: Float32Array, b: Float32Array) => ({ score: scoreOf(innerProduct(a, b)), mayBeCopy: false }),
    scoreOf,
    [Symbol.asyncDispose]: async () => {},
  };
}

function faceOf(picture: Uint8Array): { readonly box: object } & Omit<FaceParts, 'shape'> {
  const digest = createHash('sha256').update(picture).digest();
  const box = { x: 10, y: 10, width: 80, height: 80 };
  return {
    box,
    attributes,
    embedding: embeddingOf(digest),
    crop: Uint8Array.from(digest),
    quality: { score: 100 },
    further: [],
  };
}

/** A direction that follows from the digest of a picture. */
function embeddingOf(digest: Buffer): Float32Array {
  const random = new Random(digest.readUInt32LE());
  const values = Float32Array.from({ length: dimension }, () => random.below(2_000_001) / 1_000_000 - 1);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function scoreOf(cosine: number): number {
  return 100 * cosine;
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
