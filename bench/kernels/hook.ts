/** Replaces the compiled kernels by the plain loops in the thread that imports this module first. */
import { registerHooks } from 'node:module';

const plain = new URL('./plain.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return resolved.url.endsWith('/src/wasm/load.ts') ? { ...resolved, url: plain } : resolved;
  },
});
