/** A worker: takes pictures, and returns analyses or refusals as plain data. */
import { workerData } from 'node:worker_threads';
import type { Analysis } from '../../domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../errors/refusals.ts';
import { onnxRuntime } from '../models/runtime.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { loadPack } from '../packs/load.ts';
import { type AnalysisRequest, analyzePicture } from '../pipeline/analyze.ts';
import { confineDecoder, type DecodeLimits } from '../pipeline/decode.ts';
import { loadNetworks, type NetworkFiles, type NetworksWithPack } from '../pipeline/networks.ts';

/** What a worker is told when it starts. */
export interface WorkerSettings {
  readonly files: NetworkFiles;
  /** The pack in use, if it is not the built-in one. */
  readonly pack?: InstalledPack | undefined;
  readonly limits: DecodeLimits;
}

/** A picture and what is wanted of it; without one, the worker only makes itself ready. */
export interface Task {
  readonly picture?: Uint8Array;
  readonly wish: AnalysisRequest;
}

/**
 * What crosses back. A {@link Refusal} would lose its class on the way, so it crosses as its parts; a bug crosses too, so
 * that the pool's own rejections always mean that the worker is gone.
 */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly analysis: Analysis }
  | { readonly kind: 'refused'; readonly refusal: RefusalName; readonly detail: string; readonly cause: unknown }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** This thread's networks. A worker is its own composition root: nothing else lives as long as it does. */
let networks: Promise<NetworksWithPack> | undefined;

/** Looks at one picture; the entry that the pool calls. */
export default async function answer({ picture, wish }: Task): Promise<Answer> {
  const { limits, ...settings } = workerData as WorkerSettings;
  networks ??= open(settings);
  try {
    const ready = await networks;
    if (!picture) return { kind: 'ready' };
    return { kind: 'seen', analysis: await analyzePicture(ready, picture, wish, limits) };
  } catch (error) {
    if (!(error instanceof Refusal)) return { kind: 'failed', cause: error };
    return { kind: 'refused', refusal: error.refusal, detail: error.detail, cause: error.cause };
  }
}

async function open({ files, pack }: Omit<WorkerSettings, 'limits'>): Promise<NetworksWithPack> {
  confineDecoder();
  const networks = await loadNetworks(onnxRuntime, files);
  return pack ? { ...networks, pack: await loadPack(onnxRuntime, pack) } : networks;
}
