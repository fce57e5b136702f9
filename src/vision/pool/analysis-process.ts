/** Starts the processes that run networks: without keys, database and sockets, and with variables of their own. */
import { ConfinedProcess } from '../../processes/confined.ts';
import { engineVariables } from '../models/engine-variables.ts';
import type { OptimiseTask } from '../models/optimised.ts';
import type { ConvertibleName } from '../models/pack-catalog.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { startDeadline } from './deadline.ts';
import type { AnalysisProcess } from './processes.ts';
import type { Answer, ProcessSettings, Request } from './task.ts';

/** How long anything but a picture may take, in milliseconds: unoptimised networks on a busy machine included. */
const preparationTimeoutMs = 60_000;

/**
 * How glibc keeps memory (docs/decisions/0008-memory.md): blocks as large as pictures go back to the system when they are
 * freed; what networks ask for and free is kept for the next one, in one heap for all threads.
 */
export const allocatorVariables = {
  MALLOC_MMAP_THRESHOLD_: String(6 << 20),
  MALLOC_TRIM_THRESHOLD_: String(16 << 20),
  MALLOC_ARENA_MAX: '1',
} as const;

/**
 * Starts a process and resolves when its networks are loaded.
 * @throws Error that says why it cannot be.
 */
export async function startAnalysisProcess(settings: ProcessSettings): Promise<AnalysisProcess> {
  const child = start();
  await prepare(child, { kind: 'open', settings });
  return {
    ended: child.ended,
    get isAlive() {
      return child.isAlive;
    },
    perform: ({ picture, ...request }) => child.request(request, picture),
    interrupt: () => child.interrupt(),
    kill: () => child.kill(),
    close: () => child.close(),
  };
}

/** Makes networks ready to be loaded, in a process that is started when there is something to do. */
export interface Preparation extends AsyncDisposable {
  /** Converts a network of an npm package and writes it. @throws Error that says what is wrong with the package. */
  convert(name: ConvertibleName, path: string): Promise<void>;
  /** Writes optimised forms of networks. @throws Error if one cannot be written. */
  optimise(tasks: readonly OptimiseTask[]): Promise<void>;
}

/**
 * Opens a preparation; disposing of it ends its process, and with that the memory which that took. Processes that are started
 * afterwards find the code that they share with it compiled.
 * @param folder where the networks are written.
 */
export function openPreparation(folder: string): Preparation {
  let child: ConfinedProcess<Request, Answer> | undefined;
  const ask = (request: Request): Promise<void> => {
    child ??= start([folder]);
    return prepare(child, request);
  };
  return {
    convert: (name, path) => ask({ kind: 'convert', name, path }),
    optimise: (tasks) => ask({ kind: 'optimise', tasks }),
    async [Symbol.asyncDispose]() {
      await child?.close();
    },
  };
}

/** Loads the networks of a pack and runs each once. @throws Error if one is not what the pack's manifest says. */
export async function checkNetworks(pack: InstalledPack): Promise<void> {
  const child = start();
  await prepare(child, { kind: 'check', pack });
  await child.close();
}

function start(writes?: readonly string[]): ConfinedProcess<Request, Answer> {
  return new ConfinedProcess(new URL('./program.ts', import.meta.url), {
    packages: ['onnxruntime-node', 'sharp', '@cornerstonejs/codec-libjpeg-turbo-8bit'],
    writes,
    variables: { ...engineVariables, ...allocatorVariables },
  });
}

/** Has the process do what it needs no picture for; it is gone if that fails. */
async function prepare(child: ConfinedProcess<Request, Answer>, request: Request): Promise<void> {
  using deadline = startDeadline(preparationTimeoutMs);
  deadline.signal.addEventListener('abort', () => child.kill());
  const answer = await child.request(request);
  if (answer.kind === 'done') return;
  child.kill();
  throw answer.kind === 'failed' ? answer.cause : new Error('the process did not do what it was asked');
}
