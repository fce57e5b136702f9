/** Knows how a network is loaded and run: the one place that touches the inference engine. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A network that is ready to run. */
export interface Network {
  /**
   * Runs the network on a batch.
   * @param input pixels or features of all items, one after another; it may be changed once the call has answered.
   * @param shape of the input, the batch first.
   * @returns the outputs by name, each item's values one after another.
   */
  run(input: Float32Array, shape: readonly number[]): Promise<Readonly<Record<string, Float32Array>>>;
}

/** An inference engine. */
export interface Runtime {
  /** @param path of an ONNX file with one float32 input. */
  load(path: string): Promise<Network>;
}

/**
 * ONNX Runtime on the calling thread: it blocks while it runs, so it belongs into a worker, and more workers, not more
 * threads, are what a machine's cores are used with.
 */
export const onnxRuntime: Runtime = {
  async load(path) {
    const session = await InferenceSession.create(path, {
      // An arena keeps the most that ever was; without one a run takes just as long.
      enableCpuMemArena: false,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const [name] = session.inputNames as [string];
    return {
      async run(input, shape) {
        const outputs = await session.run({ [name]: new Tensor('float32', input, shape) });
        return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, floats(data)]));
      },
    };
  },
};

function floats(data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError('a network answered with something else than float32');
}
