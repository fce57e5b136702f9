/** Runs familiar as a process of its own, so that it can be stopped and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Key } from '../src/auth/keys.ts';
import { root } from './harness.ts';

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

/** Starts `familiar serve` on a free port and waits until it is ready. */
export async function startServer(folder: string, ...flags: readonly string[]): Promise<ServerProcess> {
  const child = start(['serve', '--port', '0', '--data', folder, '--allow-url-host', '127.0.0.1', ...flags]);
  const { output, errors, ended } = watch(child);
  const died = ended.then(({ errors }) => Promise.reject(new Error(`the server ended: ${errors}`)));
  while (!/^ready$/m.test(output())) {
    await Promise.race([died, new Promise((resolve) => setTimeout(resolve, 20))]);
    if (/Error/.test(errors())) throw new Error(errors());
  }
  died.catch(() => {});
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

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'src', 'main.ts'), ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
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
