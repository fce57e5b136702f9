/** Knows how a thread reads memory as fast as it can: the yardstick that a scan is held against. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  add,
  addVectors,
  bodyOf,
  type Code,
  compileLoops,
  constant,
  doWhile,
  get,
  lessThan,
  loadVector,
  set,
  store,
  sumOfLanes,
  tee,
} from '../../src/wasm/assembler.ts';

/** What to read; the answer is any message. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

if (parentPort !== null) serve(parentPort, workerData as WebAssembly.Memory);

function serve(port: MessagePort, memory: WebAssembly.Memory): void {
  const module = compileLoops(3, [{ name: 'sum', body: sumLoop() }]);
  const { exports } = new WebAssembly.Instance(module, { familiar: { memory } });
  const { sum } = exports as { sum: (from: number, to: number, into: number) => void };
  port.on('message', ({ from, to }: Stretch) => {
    sum(from, to, 0);
    port.postMessage(to);
  });
}

/** Adds up four vectors a step, each to a sum of its own. */
function sumLoop(): Code {
  const [from, to, into] = [0, 1, 2];
  const sums = [3, 4, 5, 6];
  return bodyOf(0, 4, [
    ...doWhile([
      ...sums.flatMap((sum, i) => [...get(sum), ...get(from), ...loadVector(16 * i), ...addVectors, ...set(sum)]),
      ...[...get(from), ...constant(64), ...add, ...tee(from), ...get(to), ...lessThan],
    ]),
    ...sums.slice(1).flatMap((sum) => [...get(3), ...get(sum), ...addVectors, ...set(3)]),
    ...[...get(into), ...sumOfLanes(3), ...store],
  ]);
}
