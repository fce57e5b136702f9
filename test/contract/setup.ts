/** What test files share because it is slow to start; `node --test --test-global-setup` runs it before the first of them. */
import { fileURLToPath } from 'node:url';
import { memoryFolder } from '../../tools/memory-folder.ts';
import { urlVariable } from '../networks/lend.ts';
import { serveNetworks } from '../networks/serve.ts';
import { lenderVariable, servePostgres } from '../postgres/lend.ts';

let networks: Awaited<ReturnType<typeof serveNetworks>> | undefined;
let postgres: Awaited<ReturnType<typeof servePostgres>> | undefined;

/** Sets variables of the environment, which the processes of test files inherit. */
export async function globalSetup(): Promise<void> {
  networks = await serveNetworks();
  process.env[urlVariable] = networks.url;
  postgres = await servePostgres();
  process.env[lenderVariable] = postgres.url;
  process.env.FAMILIAR_TEST_SERVER = fileURLToPath(new URL('../serve.ts', import.meta.url));
  const temporary = memoryFolder();
  if (temporary !== undefined) process.env.TMPDIR = temporary;
  // What they compile is compiled once, and not in each of them.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));
}

/** Closes what was opened. */
export async function globalTeardown(): Promise<void> {
  await networks?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
}
