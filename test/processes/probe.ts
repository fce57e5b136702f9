/** A confined program that tries what it must not do, and misbehaves when it is told to. */

import { spawn } from 'node:child_process';
import dns from 'node:dns/promises';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { serveRequests } from '../../src/processes/serve.ts';

/** What the program is asked. */
export type ProbeRequest =
  | { readonly kind: 'echo'; readonly text?: string | undefined }
  | { readonly kind: 'try'; readonly secret: string; readonly folder: string; readonly port: number }
  | { readonly kind: 'stop'; readonly how: 'abort' | 'loop' | 'exit' | 'SIGSEGV' | 'SIGKILL' }
  /** Answers when it is interrupted, or after a while. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'unsendable' };

/** What became of each attempt: the code of its error, or `done`; and what the process was given. */
export interface Attempts {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
}

await serveRequests(async (request: ProbeRequest, bytes, isInterrupted): Promise<unknown> => {
  if (request.kind === 'echo') return { length: bytes.length, last: bytes.at(-1), text: request.text };
  if (request.kind === 'try') return attempts(request);
  if (request.kind === 'stop') return stop(request.how);
  if (request.kind === 'wait') return wait(isInterrupted);
  return () => {};
});

async function wait(isInterrupted: () => boolean): Promise<{ readonly wasInterrupted: boolean }> {
  const end = performance.now() + 5_000;
  while (!isInterrupted() && performance.now() < end) await setImmediate();
  return { wasInterrupted: isInterrupted() };
}

function stop(how: Extract<ProbeRequest, { kind: 'stop' }>['how']): void {
  if (how === 'abort') process.abort();
  if (how === 'exit') process.exit(7);
  if (how === 'loop') for (;;);
  process.kill(process.pid, how);
}

async function attempts({ secret, folder, port }: Extract<ProbeRequest, { kind: 'try' }>): Promise<Attempts> {
  const outcomes: Record<string, string> = {};
  const attempt = async (name: string, work: () => unknown): Promise<void> => {
    try {
      await work();
      outcomes[name] = 'done';
    } catch (error) {
      outcomes[name] = String((error as NodeJS.ErrnoException).code ?? error);
    }
  };
  await attempt('read a file', () => readFile(secret));
  await attempt('list a folder', () => readdir(folder));
  await attempt('write a file', () => writeFile(join(folder, 'written'), 'x'));
  await attempt('make a folder', () => mkdtemp(join(folder, 'made-')));
  await attempt('connect', () => connected(port));
  await attempt('look a name up', () => dns.lookup('example.invalid'));
  await attempt('start a process', () => spawn('true'));
  await attempt('start a thread', () => new Worker('0', { eval: true }));
  return { outcomes, variables: Object.keys(process.env) };
}

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    net
      .connect(port, '127.0.0.1')
      .once('error', reject)
      .once('connect', () => resolve());
  });
}
