/** The domain's port to face analysis: sends pictures to processes of their own and returns what they find. */
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { NetworkName } from '../models/catalog.ts';
import { importNetworks } from '../models/import.ts';
import { optimiseNetworks } from '../models/optimised.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { digestOfParameters } from '../pipeline/embed.ts';
import { modelOf, preprocessingVersion } from '../pipeline/model.ts';
import { measureOf } from '../pipeline/score.ts';
import { startAnalysisProcess, writeOptimised } from './analysis-process.ts';
import { compareWith } from './compare-crops.ts';
import { type DispatchLimits, dispatchTo } from './dispatch.ts';
import { ProcessPool } from './processes.ts';
import type { ProcessSettings } from './task.ts';

/** How to open a face analyzer. */
export interface FaceAnalyzerOptions extends DispatchLimits {
  /** Where the imported networks are kept; made if it is not there. */
  readonly modelsFolder: string;
  /** The pack in use, its files checked; the built-in networks alone if absent. */
  readonly pack?: InstalledPack | undefined;
  /** Width × height of a picture at most. */
  readonly pixelsMax: number;
  /** Told after each network. */
  readonly onProgress?: ((done: number, total: number, name: NetworkName) => void) | undefined;
  /** Told of a fault that costs only memory: the optimised copies of the networks cannot be made. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** Told when a process ended that had no picture, and when none can be started in the place of one. */
  readonly onLost?: ((error: unknown) => void) | undefined;
}

/**
 * Imports the networks if need be, starts the processes and waits until each is ready. Disposing lets pictures under way
 * finish.
 * @throws Error if a network cannot be imported or loaded.
 */
export async function openFaceAnalyzer(options: FaceAnalyzerOptions): Promise<FaceAnalyzer & AsyncDisposable> {
  const { workers, deadlineMs, pixelsMax, pack, onProgress, onFault, onLost = () => {} } = options;
  const imported = await importNetworks(options.modelsFolder, { onProgress });
  const settings: ProcessSettings = {
    files: await optimiseNetworks(imported.networks, writeOptimised, onFault),
    pack,
    // The decoder is told to stop first, so that a picture that is slow to decode is refused as such.
    limits: { pixelsMax, secondsMax: Math.max(1, Math.floor(deadlineMs / 2000)) },
  };
  const pool = await ProcessPool.open({ count: workers, start: () => startAnalysisProcess(settings), onLost });
  return {
    model: modelOf({
      preprocessing: preprocessingVersion,
      networks: imported.networks,
      parameters: digestOfParameters(),
      pack: pack?.manifest,
    }),
    ...measureOf(pack?.manifest),
    analyze: dispatchTo(pool, options),
    areCopies: compareWith(pool, deadlineMs),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
