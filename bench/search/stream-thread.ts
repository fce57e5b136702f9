/** A thread that reads memory as fast as it can: the yardstick that a scan is held against. */
import { readFileSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { bindTo } from '../../src/wasm/load.ts';
import { compileAssemblyScript } from '../../tools/kernels.ts';

/** What to read; the answer is any message. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

if (parentPort !== null) await serve(parentPort, workerData as WebAssembly.Memory);

async function serve(port: MessagePort, memory: WebAssembly.Memory): Promise<void> {
  const source = readFileSync(new URL('./stream.as.ts', import.meta.url), 'utf8');
  const module = await WebAssembly.compile(Uint8Array.from(await compileAssemblyScript(source)));
  const { sum } = bindTo(memory, module) as { sum: (from: number, to: number, into: number) => void };
  port.on('message', ({ from, to }: Stretch) => {
    sum(from, to, 0);
    port.postMessage(to);
  });
}
