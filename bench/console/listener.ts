/**
 * Prints the memory of a process that has the operator's listener open and that nobody visits, in kB: `node --expose-gc
 * bench/console/listener.ts whole|bare`. `whole` is as a server opens it: with the files of the console and its operations; `bare` has the
 * metrics alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { pino } from 'pino';
import { masterKey } from '../../test/master-key.ts';
import { megabytesOf } from '../family.ts';

const metrics = { scrape: async () => '', contentType: 'text/plain' };
const folder = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
// Both have what a server loads anyway, with or without its operator's listener.
for (const part of ['http/server', 'app/analyzer', 'app/recognition', 'ops/metrics', 'app/upkeep']) {
  await import(`../../src/${part}.ts`);
}
const { openStores } = await import('../../src/store/open.ts');
{
  await using stores = await openStores({ file: join(folder, 'familiar.db'), masterKey });
  await using _listener = process.argv[2] === 'whole' ? await openWhole(stores) : await openBare();
  for (let i = 0; i < 5; i += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heapUsed, external } = process.memoryUsage();
  const resident = ((await megabytesOf([process.pid])) ?? 0) * 1_000;
  console.log(JSON.stringify({ live: Math.round((heapUsed + external) / 1_000), resident: Math.round(resident) }));
}
await rm(folder, { recursive: true });

async function openBare(): Promise<AsyncDisposable> {
  const http = fastify({ logger: false });
  http.get('/metrics', async () => metrics.scrape());
  await http.listen({ host: '127.0.0.1', port: 0 });
  return { [Symbol.asyncDispose]: () => http.close() };
}

async function openWhole(stores: Awaited<ReturnType<typeof openStores>>): Promise<AsyncDisposable> {
  const { openAdminServer } = await import('../../src/http/admin/server.ts');
  const pages = async () => (await import('../../src/app/operator-pages.ts')).operatorPages({ stores } as never);
  return openAdminServer(
    { metrics, pages, log: pino({ level: 'silent' }) },
    { host: '127.0.0.1', port: 0, mayMove: false },
  );
}
