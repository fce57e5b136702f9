/**
 * Runs the application as `familiar serve --data <folder>` does, with networks that are lent: for tests of a server that
 * must be a process of its own, but need not load them.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startApp } from './harness.ts';

const { values } = parseArgs({ options: { data: { type: 'string' } }, allowPositionals: true, strict: false });
await using server = await startApp({}, {}, String(values.data));
process.stdout.write(`familiar listens on ${server.app.url}\nready\n`);
await once(process, 'SIGTERM');
await server.app.drain();
