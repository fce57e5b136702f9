/**
 * The kernels: inner loops over pixels, vectors and encrypted bytes, as WebAssembly. Each is written in AssemblyScript beside this file
 * (`scan.as.ts`, `sample.as.ts`, `halve.as.ts`, `gcm.as.ts`) and committed as compiled; `npm run generate` compiles them, and
 * `npm run check` fails when one is stale.
 */
import { readFileSync } from 'node:fs';

/** The name of a kernel. */
export type KernelName = 'scan' | 'sample' | 'halve' | 'gcm';

/** Reads a kernel; what it exports works in the memory that {@link bindTo} hands it. */
export function loadKernel(name: KernelName): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
}

/**
 * A kernel's functions over a memory.
 * @param memory shared; AssemblyScript imports it as `env.memory`.
 */
export function bindTo(memory: WebAssembly.Memory, module: WebAssembly.Module): WebAssembly.Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}
