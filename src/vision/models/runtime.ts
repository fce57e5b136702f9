/** Loads and runs networks: the only file that uses the inference engine. */
import { optimisedSuffix } from './catalog.ts';
import { InferenceSession, Tensor } from './engine.ts';

/** A network that is ready to run. */
export interface Network {
  /**
   * Runs the network on a batch.
   * @param input pixels or features of all items, one after another; it may be reused once the promise has resolved.
   * @param shape of the input, the batch first.
   * @returns the outputs by name, each item's values one after another.
   */
  run(input: Float32Array, shape: readonly number[]): Promise<Outputs>;
  /**
   * As {@link run}, all items of the batch at once: in less time, and several times the memory. Absent if the network says of itself
   * that it takes so many items and no others.
   */
  readonly runTogether?: Network['run'] | undefined;
}

/** The outputs of a network by name, each item's values one after another. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** An inference engine. */
export interface Runtime {
  /** @param path of an ONNX file with one float32 input, or of a file that {@link writeOptimised} wrote. */
  load(path: string): Promise<Network>;
}

const oneThread = { executionMode: 'sequential', intraOpNumThreads: 1, interOpNumThreads: 1 } as const;

/** Hides the warning that a file fits only this kind of processor: the operator can do nothing about it. */
const errorsOnly = { logSeverityLevel: 3 } as const;

/** The file is mapped into memory and its weights are used in place, so that processes share them. */
const mapped = {
  graphOptimizationLevel: 'disabled',
  extra: {
    session: {
      use_memory_mapped_ort_model: '1',
      use_ort_model_bytes_directly: '1',
      use_ort_model_bytes_for_initializers: '1',
    },
  },
} as const;

/**
 * ONNX Runtime on the calling thread. It blocks the thread while it runs, so use it in a process of its own, and use more
 * cores by more processes, not by more threads in each.
 */
export const onnxRuntime: Runtime = {
  async load(path) {
    const session = await InferenceSession.create(path, {
      ...oneThread,
      ...errorsOnly,
      // An arena would keep the memory of a run for this network alone: the allocator keeps it for all of them, one block
      // (a memory pattern) for each run.
      enableCpuMemArena: false,
      enableMemPattern: true,
      ...(path.endsWith(optimisedSuffix) ? mapped : { graphOptimizationLevel: 'all' }),
    });
    const [input] = session.inputMetadata;
    // A size that is left open has a name, or nothing, in the place of a number.
    const takesAny = input?.isTensor === true && typeof input.shape[0] !== 'number';
    return {
      run: (input, shape) => runEach(session, input, shape),
      runTogether: takesAny ? (input, shape) => runOnce(session, input, shape) : undefined,
    };
  },
};

/**
 * Writes the network as the engine has optimised it for this machine's processor: the outputs are the same to the last
 * bit, and loading needs neither optimisation nor a copy of the weights. Other processors, and other versions of the
 * engine, must not load it.
 */
export async function writeOptimised(path: string, to: string): Promise<void> {
  const session = await InferenceSession.create(path, {
    ...oneThread,
    ...errorsOnly,
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: to,
    extra: { session: { save_model_format: 'ORT' } },
  });
  await session.release();
}

/** One item at a time, which takes the least memory. */
async function runEach(
  session: InferenceSession,
  input: Float32Array,
  [count, ...item]: readonly number[],
): Promise<Outputs> {
  const length = item.reduce((product, side) => product * side, 1);
  const whole: Record<string, Float32Array> = {};
  for (let i = 0; i < count!; i++) {
    const outputs = await runOnce(session, input.subarray(i * length, (i + 1) * length), [1, ...item]);
    for (const [output, values] of Object.entries(outputs)) {
      whole[output] ??= new Float32Array(count! * values.length);
      whole[output].set(values, i * values.length);
    }
  }
  return whole;
}

async function runOnce(session: InferenceSession, input: Float32Array, shape: readonly number[]): Promise<Outputs> {
  const [name] = session.inputNames as [string];
  const outputs = await session.run({ [name]: new Tensor('float32', input, shape) });
  return Object.fromEntries(Object.entries(outputs).map(([output, { data }]) => [output, floats(data)]));
}

function floats(data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError('a network answered with something else than float32');
}
