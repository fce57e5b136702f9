/** Runs familiar as a process of its own, so that a test can stop and kill it. None outlives the test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Key } from '../src/auth/keys.ts';
import { root } from './harness.ts';
import { masterKeyText } from './master-key.ts';

/** A command that has ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: Key;
  /** What it has written so far. */
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

/** Runs `familiar …` to its end. */
export function runFamiliar(...words: readonly string[]): Promise<Ended> {
  return watch(start(words)).ended;
}

/** The longest that a server may take to become ready, the import of its networks included. */
const startTimeoutMs = 100_000;

/**
 * Starts `familiar serve` on a free port and waits until it is ready.
 * @throws Error with everything that the server said, if it ends first, logs an error or takes too long.
 */
export async function startServer(folder: string, ...flags: readonly string[]): Promise<ServerProcess> {
  const child = start(['serve', '--port', '0', '--data', folder, '--allow-url-host', '127.0.0.1', ...flags]);
  const { output, errors, ended } = watch(child);
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const fail = (what: string): void => reject(new Error(`the server ${what}: ${errors()}${output()}`));
  // Added after the listeners that collect what it says.
  child.stdout?.on('data', () => /^ready$/m.test(output()) && resolve());
  child.stderr?.on('data', () => /Error/.test(errors()) && fail('failed'));
  void ended.then(() => fail('ended'));
  const timer = setTimeout(() => fail(`was not ready within ${startTimeoutMs} ms`), startTimeoutMs);
  try {
    await ready;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const url = /listens on (\S+)/.exec(output())?.[1] as string;
  const written = JSON.parse(await readFile(join(folder, 'first-key.json'), 'utf8')) as Record<string, string>;
  const key = {
    appid: written.appid as string,
    secretId: written.secret_id as string,
    secretKey: written.secret_key as string,
    createdAt: 0,
    revokedAt: null,
  };
  return { child, url, key, output, ended };
}

/** Those that run. A test that fails or is out of time leaves them. */
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

function start(words: readonly string[]): ChildProcess {
  const guard = new URL('./guard.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', guard, join(root, 'src', 'main.ts'), ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      FAMILIAR_MASTER_KEY: masterKeyText,
    },
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

function watch(child: ChildProcess): { output: () => string; errors: () => string; ended: Promise<Ended> } {
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, output, errors }));
  });
  return { output: () => output, errors: () => errors, ended };
}
