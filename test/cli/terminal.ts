/** Runs commands in this process: all that a process of its own would add is `main.ts`, and half a second. */
import { run } from '../../src/cli/program.ts';

/** What a command that has ended has said. */
export interface Said {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** A command that runs. */
export interface Running {
  /** Resolves with the output so far when it has a match; rejects if the command ends without one. */
  said(pattern: RegExp): Promise<string>;
  /** What main.ts does when the process is sent SIGHUP. */
  reload(): void;
  /** What main.ts does when the process is asked to stop. */
  stop(signal: string): void;
  readonly ended: Promise<Said>;
}

/** Begins `familiar …` as on a terminal. */
export function begin(...words: readonly string[]): Running {
  return beginOn(true, words);
}

/** Begins `familiar …` with its output in a file or a pipe. */
export function beginPiped(...words: readonly string[]): Running {
  return beginOn(false, words);
}

function beginOn(isTTY: boolean, words: readonly string[]): Running {
  const stopping = Promise.withResolvers<string>();
  let stops = 0;
  let reload = (): void => {};
  let tellSecond = (_signal: string): void => {};
  const listeners = new Set<() => void>();
  let [output, errors] = ['', ''];
  const terminal = {
    output: {
      isTTY,
      write: (text: string) => {
        output += text;
        for (const tell of listeners) tell();
      },
    },
    errors: {
      write: (text: string) => {
        errors += text;
      },
    },
    stopping: stopping.promise,
    onReload: (listener: () => void) => {
      reload = listener;
    },
    onSecondStop: (listener: (signal: string) => void) => {
      tellSecond = listener;
    },
  };
  const ended = run(words, terminal).then((exitCode) => ({ exitCode, output, errors }));
  return {
    ended,
    reload: () => reload(),
    stop: (signal) => {
      stops += 1;
      if (stops === 1) stopping.resolve(signal);
      else tellSecond(signal);
    },
    said(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => pattern.test(output) && resolve(output);
      listeners.add(look);
      look();
      const missed = () => reject(new Error(`the command ended without ${pattern}: ${output}${errors}`));
      ended.then(missed, missed);
      return promise.finally(() => listeners.delete(look));
    },
  };
}

/** Runs `familiar …` to its end. */
export function runHere(...words: readonly string[]): Promise<Said> {
  return begin(...words).ended;
}
