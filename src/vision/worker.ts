/** Knows how one worker thread answers: pictures in, sights or refusals out as plain data. */
import { workerData } from 'node:worker_threads';
import type { Sight } from '../domain/eyes.ts';
import { Refusal, type RefusalName } from '../errors/refusals.ts';
import { confineDecoder, type DecodeLimits } from './decode.ts';
import { loadNetworks, type NetworkFiles, type Networks } from './networks.ts';
import { onnxRuntime } from './runtime.ts';
import { see, type Wish } from './see.ts';

/** What a worker is told when it starts. */
export interface WorkerSettings {
  readonly files: NetworkFiles;
  readonly limits: DecodeLimits;
}

/** A picture and what is wanted of it; without one, the worker only makes itself ready. */
export interface Task {
  readonly picture?: Uint8Array;
  readonly wish: Wish;
}

/**
 * What crosses back. A {@link Refusal} would lose its class on the way, so it crosses as its parts; a bug crosses too, so
 * that the pool's own rejections always mean that the worker is gone.
 */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly sight: Sight }
  | { readonly kind: 'refused'; readonly refusal: RefusalName; readonly detail: string; readonly cause: unknown }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** This thread's networks. A worker is its own composition root: nothing else lives as long as it does. */
let networks: Promise<Networks> | undefined;

/** Looks at one picture; the entry that the pool calls. */
export default async function answer({ picture, wish }: Task): Promise<Answer> {
  const { files, limits } = workerData as WorkerSettings;
  networks ??= open(files);
  try {
    const ready = await networks;
    if (!picture) return { kind: 'ready' };
    return { kind: 'seen', sight: await see(ready, picture, wish, limits) };
  } catch (error) {
    if (!(error instanceof Refusal)) return { kind: 'failed', cause: error };
    return { kind: 'refused', refusal: error.refusal, detail: error.detail, cause: error.cause };
  }
}

function open(files: NetworkFiles): Promise<Networks> {
  confineDecoder();
  return loadNetworks(onnxRuntime, files);
}
