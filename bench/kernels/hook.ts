/** Puts the plain loops in the place of the compiled kernels, in the thread that imports this first. */
import { registerHooks } from 'node:module';

const plain = new URL('./plain.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return resolved.url.endsWith('/src/wasm/load.ts') ? { ...resolved, url: plain } : resolved;
  },
});
