/** The server under test: a process that is started as users start it, stopped in every way, and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guard = new URL('../guard.ts', import.meta.url).href;

/** The longest that a server may take to become ready, the import of its networks included. */
const startTimeoutMs = 100_000;

/** Whom calls are made for. */
export interface Account {
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

/** How a server ended. */
export interface End {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running server. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  readonly account: Account;
  /** Resolves when the process is gone. */
  readonly ended: Promise<End>;
  /** Whether it runs. */
  readonly isAlive: () => boolean;
  /** What it has written to its error stream, the log included. */
  readonly errors: () => string;
}

/** Those that run. Whoever starts one may fail; none outlives this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs `familiar` with some words to its end. */
export async function runFamiliar(...words: readonly string[]): Promise<End & { readonly text: string }> {
  const { child, output, errors, ended } = start(words);
  child.stdin?.end();
  const end = await ended;
  if (!child.stdout?.closed) await once(child, 'close');
  return { ...end, text: output() + errors() };
}

/**
 * Starts `familiar serve` on a free port of this machine and waits until it is ready.
 * @param data the data folder.
 * @throws Error with all that the server said, if it ends first or takes too long.
 */
export async function startServer(data: string, ...flags: readonly string[]): Promise<Server> {
  const words = ['serve', '--port', '0', '--data', data, '--allow-url-host', '127.0.0.1', ...flags];
  const launched = await launch(join('src', 'main.ts'), words);
  return { ...launched, account: await readAccount(data) };
}

/**
 * Starts a server, and waits until it is ready.
 * @param program its module, from the repository's folder.
 * @throws Error with all that it said, if it ends first or takes too long.
 */
export async function launch(program: string, words: readonly string[]): Promise<Omit<Server, 'account'>> {
  const { child, output, errors, ended } = start(words, program);
  let end: End | undefined;
  void ended.then((how) => {
    end = how;
  });
  const deadline = performance.now() + startTimeoutMs;
  while (!/^ready$/m.test(output())) {
    if (end !== undefined || performance.now() > deadline) {
      child.kill('SIGKILL');
      const what = end === undefined ? `was not ready within ${startTimeoutMs} ms` : 'ended before it was ready';
      throw new Error(`the server ${what}: ${errors()}${output()}`);
    }
    await wait(10);
  }
  const url = /listens on (\S+)/.exec(output())![1]!;
  return { url, pid: child.pid!, ended, isAlive: () => end === undefined, errors };
}

/** The account that a first start made in a data folder. */
export async function readAccount(data: string): Promise<Account> {
  const key = JSON.parse(await readFile(join(data, 'first-key.json'), 'utf8')) as Record<string, string>;
  return { appid: key.appid!, secretId: key.secret_id!, secretKey: key.secret_key! };
}

/** Ends a server as an operator does, and checks that it says so with code 0. */
export async function stopServer(server: Server): Promise<void> {
  process.kill(server.pid, 'SIGTERM');
  const { exitCode, signal } = await server.ended;
  if (exitCode !== 0) throw new Error(`the server ended with ${exitCode ?? signal}: ${tail(server.errors())}`);
}

/** Kills a server; resolves when it and all processes that it had started are gone. */
export async function killServer(server: Server): Promise<void> {
  const children = await childrenOf(server.pid);
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  const deadline = performance.now() + 5_000;
  while (children.some(isRunning)) {
    if (performance.now() > deadline) throw new Error('processes of a server that was killed still run after 5 s');
    await wait(10);
  }
}

/** The processes that a process has started and that run; none where the system does not tell. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  // Each thread has a list of those that it started.
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''));
  return (await Promise.all(lists)).join(' ').split(' ').filter(Boolean).map(Number);
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return true;
}

/** Sends a signal to processes, as far as they still run. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** Resident memory of a server with all its processes, in MB; 0 where the system does not tell. */
export async function residentMegabytes(server: Server): Promise<number> {
  let kilobytes = 0;
  for (const pid of [server.pid, ...(await childrenOf(server.pid))]) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

/** The end of a long text. */
export function tail(text: string): string {
  return text.slice(-2_000);
}

function start(words: readonly string[], program = join('src', 'main.ts')) {
  const child = spawn(process.execPath, ['--import', guard, join(root, program), ...words], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node') },
  });
  running.add(child);
  const ended = new Promise<End>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      running.delete(child);
      resolve({ exitCode, signal });
    });
  });
  return { child, output: collect(child.stdout), errors: collect(child.stderr), ended };
}

/** Keeps the last of what a stream says. */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-200_000);
  });
  return () => text;
}
