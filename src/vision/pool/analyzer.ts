/** The domain's port to face analysis: sends pictures to worker threads and returns what they find. */
import { Piscina } from 'piscina';
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { NetworkName } from '../models/catalog.ts';
import { importNetworks } from '../models/import.ts';
import { optimiseNetworks } from '../models/optimised.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { digestOfParameters } from '../pipeline/embed.ts';
import { modelOf, preprocessingVersion } from '../pipeline/model.ts';
import type { NetworkFiles } from '../pipeline/networks.ts';
import { measureOf } from '../pipeline/score.ts';
import { type DispatchLimits, dispatchTo, type Workers } from './dispatch.ts';
import type { Answer, Task, WorkerSettings } from './worker.ts';

type TransferList = NonNullable<Parameters<Piscina['run']>[1]>['transferList'];

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
}

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
  return {
    model: modelOf({
      preprocessing: preprocessingVersion,
      networks: pack.networks,
      parameters: digestOfParameters(),
      pack: options.pack?.manifest,
    }),
    ...measureOf(options.pack?.manifest),
    analyze: dispatchTo(workersOf(pool), options),
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

/** The pool as {@link dispatchTo} sees it. */
function workersOf(pool: Piscina<Task, Answer>): Workers {
  return {
    // Piscina infers the list's type from an overload of postMessage that takes something else.
    run: (task, { transfer, signal }) => pool.run(task, { transferList: transfer as unknown as TransferList, signal }),
  };
}
