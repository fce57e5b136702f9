/** The domain's port to face analysis: sends pictures to worker threads and returns what they find. */
import { createHash } from 'node:crypto';
import { Piscina } from 'piscina';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import { dot } from '../kernels/dot.ts';
import type { NetworkName } from '../models/catalog.ts';
import { type ImportedNetworks, importNetworks } from '../models/import.ts';
import { optimiseNetworks } from '../models/optimised.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { digestOf } from '../packs/manifest.ts';
import type { AnalysisRequest } from '../pipeline/analyze.ts';
import { digestOfParameters, embeddingLength } from '../pipeline/embed.ts';
import { type NetworkFiles, roles } from '../pipeline/networks.ts';
import { compareEmbeddings, scoreBetween, scoreOf } from '../pipeline/score.ts';
import { createGate } from './gate.ts';
import type { Answer, Task, WorkerSettings } from './worker.ts';

type TransferList = NonNullable<Parameters<Piscina['run']>[1]>['transferList'];

/** What is told of a face unless less is asked for. */
const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

/** How to open the eyes. */
export interface FaceAnalyzerOptions {
  /** Where the imported networks are kept; made if it is not there. */
  readonly modelsFolder: string;
  /** The pack in use, its files checked; the built-in networks alone if absent. */
  readonly pack?: InstalledPack | undefined;
  /** Pictures looked at side by side, each in a thread of its own; from 1. */
  readonly workers: number;
  /** Pictures that may wait; beyond that callers are refused. */
  readonly queueMax: number;
  /** How long one picture may take once a worker has it. */
  readonly deadlineMs: number;
  /** Width × height of a picture at most. */
  readonly pixelsMax: number;
  /** Told after each network. */
  readonly onProgress?: ((done: number, total: number, name: NetworkName) => void) | undefined;
  /** Told of what went wrong and is made up for: the eyes see as well, but take more memory. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/**
 * Raised by whoever changes how an embedding comes about (decoding, alignment, crops, centring): embeddings of different
 * versions cannot be compared.
 */
const preprocessingVersion = 3;

/**
 * Imports the networks if need be, starts the workers and waits until each is ready. Disposing lets pictures under way
 * finish.
 * @throws Error if a network cannot be imported or loaded.
 */
export async function openFaceAnalyzer(options: FaceAnalyzerOptions): Promise<FaceAnalyzer & AsyncDisposable> {
  const pack = await importNetworks(options.modelsFolder, { onProgress: options.onProgress });
  const pool = openPool(options, await optimiseNetworks(pack.networks, options.onFault));
  try {
    // The pool gives each of as many tasks to another worker.
    const answers = await Promise.all(
      Array.from({ length: options.workers }, () => pool.run({ wish: { facesMax: 0, parts: [] } })),
    );
    for (const answer of answers) if (answer.kind === 'failed') throw answer.cause;
  } catch (error) {
    await pool.destroy();
    throw error;
  }
  const gate = createGate(options.workers, options.queueMax);

  /** Resolves when the worker is free again, whoever still waits for the answer. */
  async function ask(picture: Uint8Array<ArrayBuffer>, wish: AnalysisRequest): Promise<Answer> {
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), options.deadlineMs);
    try {
      // Piscina infers the list's type from an overload of postMessage that takes something else.
      const transferList = [picture.buffer] as unknown as TransferList;
      return await pool.run({ picture, wish }, { transferList, signal: overdue.signal });
    } catch (cause) {
      const detail = overdue.signal.aborted ? 'the picture took too long' : '';
      throw new Refusal('featureFailed', detail, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    model: modelOf(pack, options.pack),
    ...measureOf(options.pack),
    async analyze<P extends FacePart>(picture: Uint8Array, { facesMax, parts, signal }: AnalyzeOptions<P>) {
      const asked = performance.now();
      const leave = await gate.enter(signal);
      const queue = performance.now() - asked;
      const answer = await unlessAborted(
        ask(ownBytes(picture), { facesMax, parts: parts ?? everything }).finally(leave),
        signal,
      );
      // The worker makes just the parts that were asked for.
      return sightOf(answer, queue) as Analysis<P>;
    },
    async [Symbol.asyncDispose]() {
      await pool.close();
    },
  };
}

function openPool(
  { workers, deadlineMs, pixelsMax, pack }: FaceAnalyzerOptions,
  files: NetworkFiles,
): Piscina<Task, Answer> {
  const settings: WorkerSettings = {
    files,
    pack,
    // The decoder is told to stop first, so that a picture that is slow to decode is refused as such.
    limits: { pixelsMax, secondsMax: Math.max(1, Math.floor(deadlineMs / 2000)) },
  };
  return new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    workerData: settings,
    // A worker that waits on a lock could not finish decoding.
    atomics: 'disabled',
  });
}

/** How long embeddings are, and what their likeness means. */
function measureOf(pack: InstalledPack | undefined): Pick<FaceAnalyzer, 'dimension' | 'compare' | 'scoreOf'> {
  const { recogniser, score: scale } = pack?.manifest ?? {};
  if (!recogniser || !scale) return { dimension: embeddingLength, compare: compareEmbeddings, scoreOf };
  const score = (cosine: number) => scoreBetween(scale.knots, cosine);
  return { dimension: recogniser.dimension, compare: (a, b) => score(dot(a, b)), scoreOf: score };
}

/** Digest of the networks that an embedding depends on and of the way pictures are prepared for them. */
function modelOf({ networks }: ImportedNetworks, own: InstalledPack | undefined): string {
  const hash = createHash('sha256').update(`preprocessing ${preprocessingVersion}\n`);
  const embedding = own?.manifest.recogniser ? [] : (['recogniser'] as const);
  for (const role of ['detector', 'mesher', ...embedding] as const) {
    hash.update(`${networks[roles[role].name].sha256}\n`);
  }
  if (embedding.length > 0) hash.update(`parameters ${digestOfParameters()}\n`);
  if (own) hash.update(`pack ${digestOf(own.manifest)}\n`);
  return hash.digest('hex');
}

/** The picture in a buffer that can be handed to another thread: its own, if nothing else lies in it. */
function ownBytes(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = picture;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === picture.byteLength;
  return whole ? new Uint8Array(buffer) : Uint8Array.from(picture);
}

/** The answer, or the signal's reason as soon as it is aborted; the answer is then forgotten. */
async function unlessAborted<T>(answer: Promise<T>, signal: AnalyzeOptions['signal']): Promise<T> {
  if (!signal) return answer;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function sightOf(answer: Answer, queue: number): Analysis {
  if (answer.kind === 'refused') throw new Refusal(answer.refusal, answer.detail, { cause: answer.cause });
  if (answer.kind === 'failed') throw new Error('a worker failed', { cause: answer.cause });
  if (answer.kind === 'ready') throw new Error('a worker answered without having looked');
  return { ...answer.analysis, timings: { queue, ...answer.analysis.timings } };
}
