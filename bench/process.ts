/** Starts a program to be measured, reads its memory and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyOf, type MemoryKind, megabytesOf } from './family.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** A program under measurement. */
export interface Subject extends AsyncDisposable {
  readonly url: string;
  /** Milliseconds from the start of the process until it listened. */
  readonly listeningMs: number;
  /** Lines that it has written to its error stream: a server's log. */
  readonly log: () => readonly string[];
  /** Resolves when the line has been printed, with the milliseconds since the start. */
  printed(line: string): Promise<number>;
  /** Resident memory in MB, of the processes that it started, too; undefined where the system does not report it. */
  memory(kind?: MemoryKind): Promise<number | undefined>;
}

/**
 * Starts a program that prints `… listens on <url>`.
 * @param command the program that gets the words as its arguments; this Node if absent.
 */
export async function start(words: readonly string[], command: string = process.execPath): Promise<Subject> {
  const begun = performance.now();
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output());
      if (found !== null) return found;
      if (child.exitCode !== null) throw new Error(errors());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const [, url] = await until(/listens on (\S+)/);
  const listeningMs = performance.now() - begun;
  return {
    url: url as string,
    listeningMs,
    log: () =>
      errors()
        .split('\n')
        .filter((line) => line.startsWith('{')),
    printed: async (line) => {
      await until(new RegExp(`^${line}$`, 'm'));
      return performance.now() - begun;
    },
    memory: async (kind) => megabytesOf(await familyOf(child.pid!), kind),
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Starts the server as `npm start` runs it, in whose place the shell puts it.
 * @param checkout the folder of the repository whose server it is; this one if absent.
 * @param change changes the command by which it is started.
 */
export async function startServer(
  flags: readonly string[],
  checkout: string = root,
  change: (command: string) => string = (command) => command,
): Promise<Subject> {
  const manifest: { readonly scripts: { readonly start: string } } = JSON.parse(
    await readFile(join(checkout, 'package.json'), 'utf8'),
  );
  const line = `cd "$0" && PATH="$0/node_modules/.bin:$PATH" && ${change(manifest.scripts.start)} "$@"`;
  return start(['-c', line, checkout, ...flags], 'sh');
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[stream]?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}
