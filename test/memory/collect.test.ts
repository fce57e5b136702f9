/** That the memory of a start is given back once, and is as small as what is loaded then. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { collectOnceIdle } from '../../src/memory/collect.ts';

test('the garbage of a start is collected once, at the first look that finds nothing under way', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const collections: unknown[] = [];
  const { gc } = globalThis;
  globalThis.gc = ((options?: unknown) => void collections.push(options)) as NodeJS.GCFunction;
  t.after(() => {
    globalThis.gc = gc;
  });
  let inFlight = 1;
  collectOnceIdle(() => inFlight === 0);
  t.mock.timers.tick(5_000);
  assert.deepEqual(collections, []);
  inFlight = 0;
  t.mock.timers.tick(999);
  assert.deepEqual(collections, []);
  t.mock.timers.tick(10_000);
  assert.deepEqual(collections, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }]);
});

test('what downloads pictures is not loaded before one is downloaded', async () => {
  const script = `
    await import(${JSON.stringify(new URL('../../src/app/create-app.ts', import.meta.url).href)});
    const { cache } = (await import('node:module')).createRequire(import.meta.url);
    console.log(JSON.stringify(Object.keys(cache)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const loaded = JSON.parse(stdout) as readonly string[];
  assert.ok(loaded.some((path) => path.includes('/node_modules/fastify/')));
  assert.deepEqual(
    loaded.filter((path) => path.includes('/node_modules/undici/')),
    [],
  );
});
