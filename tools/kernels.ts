/** Compiles the kernels that are written in AssemblyScript. */
import asc from 'assemblyscript/asc';

/**
 * Compiles one file to WebAssembly.
 *
 * Level 2, not 3: at 3 the optimiser moves loads away from their use, and the scan takes twice as long
 * (docs/decisions/0011-kernels.md). The memory is imported and shared, and nothing but the kernel uses it.
 * @param source AssemblyScript.
 * @throws Error with the compiler's messages.
 */
export async function compileAssemblyScript(source: string): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...['kernel.ts', '--outFile', 'kernel.wasm', '--optimizeLevel', '2', '--shrinkLevel', '0', '--runtime', 'stub'],
      ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
      ...['--memoryBase', '0', '--noAssert', '--enable', 'threads,simd,relaxed-simd'],
    ],
    {
      readFile: (name) => (name === 'kernel.ts' ? source : null),
      writeFile: (_name, bytes) => {
        compiled = bytes as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || compiled === undefined) throw new Error(`the kernel cannot be compiled: ${stderr.toString()}`);
  return compiled;
}
