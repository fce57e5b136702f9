#!/usr/bin/env node
/** Turns the process's arguments and signals into a command, and the command's outcome into an exit code. */
import { run } from './cli/program.ts';

const { promise: stopping, resolve } = Promise.withResolvers<string>();
let stops = 0;
let tellSecond: ((signal: string) => void) | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stops += 1;
    if (stops === 1) resolve(signal);
    else if (stops === 2 && tellSecond !== undefined) tellSecond(signal);
    else process.exit(1);
  });
}
const onSecondStop = (listener: (signal: string) => void): void => {
  tellSecond = listener;
};

/** What runs in a terminal ends with it, as it always did: only there SIGHUP means that the terminal is gone. */
const onReload = (listener: () => void): void => {
  if (!process.stdout.isTTY) process.on('SIGHUP', listener);
};

process.exitCode = await run(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  stopping,
  onReload,
  onSecondStop,
});
