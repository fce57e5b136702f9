/**
 * What test files share because it is slow to start; `node --test --test-global-setup` runs it before the first of
 * them.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Apps } from './apps.ts';
import { appsVariable } from './service.ts';

let server: Server | undefined;
let apps: Promise<Apps> | undefined;

/** Listens for test files that want an application. Nothing is loaded before the first of them asks. */
export async function globalSetup(): Promise<void> {
  server = createServer((socket) => void serve(socket).catch((error: Error) => socket.end(`${error.stack}\n`)));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  // Test files run in processes that inherit the environment.
  process.env[appsVariable] = String((server.address() as AddressInfo).port);
  // What they compile is compiled once, and not in each of them.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));
}

/** Closes what was opened. */
export async function globalTeardown(): Promise<void> {
  server?.close();
  await (await apps)?.[Symbol.asyncDispose]();
}

/** Opens what the first line asks for, says where it is, and closes it when the connection ends. */
async function serve(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
  const [line] = await once(socket.setEncoding('utf8'), 'data');
  apps ??= import('./apps.ts').then(({ createApps }) => createApps());
  await using app = await (await apps).open(JSON.parse(line));
  socket.write(`${JSON.stringify(app.opened)}\n`);
  await closed;
}
