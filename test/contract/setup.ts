/** What test files share because it is slow to start; `node --test --test-global-setup` runs it before the first of them. */
import { statfsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { urlVariable } from '../networks/lend.ts';
import { serveNetworks } from '../networks/serve.ts';

/** A folder in memory, which Linux has. */
const memoryFolder = '/dev/shm';
/** What must be free there, in bytes; containers are often given 64 MB. */
const memoryMin = 2 ** 30;

let networks: Awaited<ReturnType<typeof serveNetworks>> | undefined;

/** Sets variables of the environment, which the processes of test files inherit. */
export async function globalSetup(): Promise<void> {
  networks = await serveNetworks();
  process.env[urlVariable] = networks.url;
  process.env.FAMILIAR_TEST_SERVER = fileURLToPath(new URL('../serve.ts', import.meta.url));
  // Each write is durable before it is answered: on a disk, the tests of the store would wait for that thousands of times.
  if (hasMemoryFolder()) process.env.TMPDIR = memoryFolder;
  // What they compile is compiled once, and not in each of them.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));
}

/** Closes what was opened. */
export async function globalTeardown(): Promise<void> {
  await networks?.[Symbol.asyncDispose]();
}

function hasMemoryFolder(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize >= memoryMin;
  } catch {
    return false;
  }
}
