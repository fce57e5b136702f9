/**
 * Processes of our own programs that may do little: their JavaScript reads its own source and packages, writes nothing but
 * a cache of compiled code, opens no sockets and starts neither processes nor threads, by Node's permission model. They
 * inherit no variables and no open files, and end when the process that started them does. What happens in native code of theirs,
 * an abort or an endless loop, costs only them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readlinkSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeHead, type Message, MessageReader } from './messages.ts';
import { withParentDeathSignal } from './parent-death.ts';
import { interruptSignal, pipeFd } from './serve.ts';

/** What a program needs beyond its source. */
export interface Needs {
  /** Packages that it imports: their files, and those of the packages beside them, may be read. */
  readonly packages: readonly string[];
  /** Folders that it may write to; none if absent. */
  readonly writes?: readonly string[] | undefined;
  /** Its variables; it has no others but those that the loader of libraries reads. */
  readonly variables: Readonly<Record<string, string>>;
}

/** How long a process may take to end once its pipe is closed, in milliseconds; then it is killed. */
const closeTimeoutMs = 2_000;

/**
 * Where such processes keep what they compiled: beside the server's own, whose code none of them may change. It is a fifth of
 * their memory and half of their start. Only if the server has one, too.
 */
const compileCache = 'NODE_COMPILE_CACHE';

/** The variables that a system's own Node may need to start at all. */
const inherited = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

/** A confined process: it is sent a request at a time, and answers each. */
export class ConfinedProcess<Request, Answer> {
  /** Resolves when the process is gone, with an error that says how. */
  readonly ended: Promise<Error>;
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  #answered: PromiseWithResolvers<Answer> | undefined;
  #end: Error | undefined;

  /**
   * To be called in the main thread, whose end ends the process.
   * @param program a TypeScript file of ours that calls {@link serveRequests}.
   */
  constructor(program: URL, needs: Needs) {
    const cache = makeCompileCache();
    const [command, ...words] = withParentDeathSignal([
      process.execPath,
      ...flagsFor(needs, cache),
      fileURLToPath(program),
    ]);
    this.#child = spawn(command, words, {
      env: {
        ...Object.fromEntries(inherited.flatMap(variable)),
        ...(cache !== undefined && { [compileCache]: cache }),
        ...needs.variables,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    this.#pipe = this.#child.stdio[pipeFd] as Socket;
    this.ended = this.#watch();
    const reader = new MessageReader();
    this.#pipe.on('data', (piece: Buffer) => this.#receive(reader, piece));
    // A pipe whose other end is gone is told by the end of the process.
    this.#pipe.on('error', () => {});
    this.#keepAlive(false);
  }

  /** The process's id; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it runs, as far as is known. */
  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /**
   * Sends a request; there is one at a time.
   * @param bytes go with it as they lie.
   * @throws Error if the process ends before it has answered.
   */
  async request(value: Request, bytes: Uint8Array = new Uint8Array(0)): Promise<Answer> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#answered !== undefined) throw new Error('the process has a request already');
    this.#answered = Promise.withResolvers<Answer>();
    this.#keepAlive(true);
    try {
      this.#pipe.cork();
      this.#pipe.write(encodeHead(value, bytes.byteLength));
      if (bytes.byteLength > 0) this.#pipe.write(bytes);
      this.#pipe.uncork();
      return await this.#answered.promise;
    } finally {
      this.#answered = undefined;
      this.#keepAlive(false);
    }
  }

  /** Has it answer its request with what is done by now, if that can be left for later; nothing if it has no request. */
  interrupt(): void {
    if (this.#answered !== undefined && process.platform !== 'win32') this.#child.kill(interruptSignal);
  }

  /** Ends it at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lets it end; resolves when it is gone. */
  async close(): Promise<void> {
    this.#pipe.end();
    const timer = setTimeout(() => this.kill(), closeTimeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  #watch(): Promise<Error> {
    const { promise, resolve } = Promise.withResolvers<Error>();
    const end = (error: Error): void => {
      this.#end ??= error;
      this.#answered?.reject(this.#end);
      this.#pipe.destroy();
      resolve(this.#end);
    };
    this.#child.once('error', (cause) => end(new Error('the process could not be started', { cause })));
    this.#child.once('exit', (code, signal) => {
      end(new Error(`the process has ended ${signal === null ? `with the exit code ${code}` : `by ${signal}`}`));
    });
    return promise;
  }

  #receive(reader: MessageReader, piece: Buffer): void {
    let messages: readonly Message[] = [];
    try {
      messages = reader.push(piece);
    } catch {
      // Whatever wrote that is not to be trusted with anything else.
      this.kill();
    }
    for (const { value } of messages) this.#answered?.resolve(value as Answer);
  }

  /** A process that has nothing to do does not keep this one from ending. */
  #keepAlive(is: boolean): void {
    if (is) this.#pipe.ref();
    else this.#pipe.unref();
    if (is) this.#child.ref();
    else this.#child.unref();
  }
}

/**
 * How V8 keeps memory (docs/decisions/0008-memory.md). The pixels of a picture count as the heap's: where it may grow by half only,
 * they alone have it collected, picture after picture.
 */
export const memoryFlags = ['--max-semi-space-size=4', '--heap-growing-percent=300', '--expose-gc'] as const;

/** Source and packages are read, nothing is written; addons are native code, which no flag binds. */
function flagsFor({ packages, writes = [] }: Needs, cache: string | undefined): readonly string[] {
  const source = fileURLToPath(new URL('../', import.meta.url));
  const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));
  const written = [...writes.map((path) => resolve(path)), ...(cache === undefined ? [] : [cache])];
  const paths = [source, manifest, ...packages.flatMap(foldersWith), ...written];
  return [
    '--permission',
    '--allow-addons',
    // A module is looked for by its path, along each link, and read by the path without links.
    ...new Set(paths.flatMap(linksOf).map((path) => `--allow-fs-read=${path}`)),
    ...new Set(written.flatMap(linksOf).map((path) => `--allow-fs-write=${path}`)),
    // That addons are not bound is said above; said again at each start it would fill the log.
    '--disable-warning=SecurityWarning',
    '--disable-sigusr1',
    ...memoryFlags,
  ];
}

/** A path, what it links to if it is a link, and so on, and the path without any. */
function linksOf(path: string): readonly string[] {
  const real = realpathSync(path);
  const paths = [path];
  for (let link = path; link !== real && lstatSync(link).isSymbolicLink(); ) {
    link = resolve(dirname(link), readlinkSync(link));
    paths.push(link);
  }
  return [...paths, real];
}

/** The folder in which the process may keep compiled code; undefined if there is none. */
function makeCompileCache(): string | undefined {
  const own = process.env[compileCache];
  if (!own) return undefined;
  const path = `${resolve(own)}-confined`;
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch {
    return undefined;
  }
}

/** The `node_modules` folder that holds a package, and the one where it lies if it is a link, as some package managers have it. */
function foldersWith(name: string): readonly string[] {
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) throw new Error(`The package ${name} is not installed. Run "npm ci".`);
  const holderOf = (path: string): string => dirname(name.split('/').reduce((folder) => dirname(folder), path));
  return [holderOf(manifest), holderOf(realpathSync(manifest))];
}

function variable(name: string): readonly (readonly [string, string])[] {
  const value = process.env[name];
  return value === undefined ? [] : [[name, value]];
}
