#!/usr/bin/env node
/** Turns the process's arguments and signals into a command, and the command's outcome into an exit code. */
import { run } from './cli/program.ts';

const { promise: stopping, resolve } = Promise.withResolvers<string>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => resolve(signal));
}

process.exitCode = await run(process.argv.slice(2), { output: process.stdout, errors: process.stderr, stopping });
