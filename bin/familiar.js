#!/usr/bin/env node
/**
 * Starts familiar on the Node.js that it needs, whichever one `npx familiar` is run by: its own dependency brings one.
 * Plain JavaScript of old, since any Node.js from 20 on must read it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The least version of Node.js that runs familiar: its SQLite and its permission model are those of this version. */
const majorMin = 26;

const root = fileURLToPath(new URL('../', import.meta.url));
const compiled = join(root, 'dist/main.js');
const main = existsSync(compiled) ? compiled : join(root, 'src/main.ts');
// As `npm start` has it: memory that the start and pictures took goes back to the system, and a young heap of 4 MB
// (docs/decisions/0008-memory.md).
const flags = ['--max-semi-space-size=4', '--expose-gc'];
const environment = { MALLOC_MMAP_THRESHOLD_: '131072', ...process.env };

const child = spawn(findNode(), [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit', env: environment });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => pass(signal));
child.on('error', (error) => fail(`Node.js could not be started: ${error.message}`));
child.on('exit', (code, signal) => {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(name);
  if (signal !== null) process.kill(process.pid, signal);
  else process.exitCode = code ?? 1;
});

/** A terminal sends its signals to the child itself. */
function pass(signal) {
  if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
}

function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= majorMin) return process.execPath;
  try {
    const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
    if (existsSync(node)) return node;
  } catch {
    // Told below: the package may be left out on purpose, where the machine has a Node.js that is new enough.
  }
  return fail(
    `familiar needs Node.js ${majorMin} or later, and this is ${process.versions.node}. Its dependency "node" would bring it, but npm ` +
      'did not run that package’s install script: run "npm rebuild node" (npm 11.19 and later: first "npm approve-scripts node"), or install Node.js.',
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
