/** A copy of the project in which mutants are made and tests are run, so that the project itself is never changed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryFolder } from '../memory-folder.ts';

/** How a test file ended. */
export interface Run {
  /** `late` when it did not end in time. */
  readonly outcome: 'passed' | 'failed' | 'late';
  readonly ms: number;
  /** What it wrote; of a failed one, the name and the error of its first failure. */
  readonly output: string;
}

const reporter = fileURLToPath(new URL('bail.ts', import.meta.url));
/** Top-level entries of a project that no test reads, or that are linked. */
const left = /^(\..*|node_modules|data|demo-data|.*\.log)$/;
/**
 * What tests store under `node_modules/.cache` from one run to the next: each copy has its own, since mutants may
 * damage it.
 */
const keptByTests = 'familiar-models';

/** The copies of a project; they are made when one is first needed, and removed however the process ends. */
export class Sandboxes implements Disposable {
  readonly #root: string;
  readonly #count: number;
  readonly #made: Sandbox[] = [];
  readonly #dispose = (): void => this[Symbol.dispose]();

  /**
   * @param root the project's folder.
   * @param count how many copies there are.
   */
  constructor(root: string, count: number) {
    this.#root = root;
    this.#count = count;
    process.once('exit', this.#dispose);
  }

  /** Every copy. */
  all(): readonly Sandbox[] {
    while (this.#made.length < this.#count) this.#made.push(new Sandbox(this.#root));
    return this.#made;
  }

  /** One of the copies. */
  first(): Sandbox {
    return this.all()[0] as Sandbox;
  }

  /** Ends what runs in the copies, and removes them. */
  [Symbol.dispose](): void {
    process.off('exit', this.#dispose);
    for (const sandbox of this.#made.splice(0)) sandbox[Symbol.dispose]();
  }
}

/** One copy; runs one test file at a time. */
export class Sandbox implements Disposable {
  /** The copy's folder. */
  readonly folder: string;
  #child: ChildProcess | undefined;
  #kept = '';

  /** @param root the project's folder. */
  constructor(root: string) {
    this.folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'familiar-mutation-'));
    // PostgreSQL runs as a user of its own, whose data are in it.
    chmodSync(this.folder, 0o711);
    for (const name of readdirSync(root).filter((name) => !left.test(name)))
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    mkdirSync(join(this.folder, 'node_modules', '.cache'), { recursive: true });
    for (const name of existsSync(join(root, 'node_modules')) ? readdirSync(join(root, 'node_modules')) : [])
      if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name));
    const kept = join(root, 'node_modules', '.cache', keptByTests);
    if (existsSync(kept)) cpSync(kept, this.#cache(), { recursive: true, preserveTimestamps: true });
  }

  /** Writes a file of the copy. */
  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Removes a file of the copy. */
  remove(file: string): void {
    rmSync(join(this.folder, file), { force: true });
  }

  /**
   * Runs a test file until its first failure.
   * @param limitMs the longest that it may take.
   */
  async run(test: string, limitMs: number): Promise<Run> {
    const began = performance.now();
    const temporary = join(this.folder, '.tmp');
    mkdirSync(temporary, { recursive: true });
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: join(this.folder, '.compiled'),
    };
    // Set where this tool itself runs under `node --test`.
    delete env.NODE_TEST_CONTEXT;
    const child = spawn(process.execPath, [`--test-reporter=${reporter}`, test], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      detached: true,
    });
    this.#child = child;
    let output = '';
    const take = (text: string): void => {
      if (output.length < 10_000) output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      this.#end();
    }, limitMs);
    const code = await new Promise<number | null>((resolve) => {
      // Programs that the test started and did not stop keep the pipes open.
      child.once('exit', () => this.#end()).once('close', resolve);
    });
    clearTimeout(limit);
    this.#child = undefined;
    detachBelow(temporary);
    rmSync(temporary, { recursive: true, force: true });
    return { outcome: late ? 'late' : code === 0 ? 'passed' : 'failed', ms: performance.now() - began, output };
  }

  /** Takes the current state of the files that tests store as the one that tests should find. */
  settle(): void {
    copyFolder(this.#cache(), this.#aside());
    this.#kept = this.#listKept();
  }

  /** Restores those that a mutant has damaged. */
  repair(): void {
    if (this.#listKept() === this.#kept) return;
    copyFolder(this.#aside(), this.#cache());
  }

  /** Ends what runs, and removes the copy. */
  [Symbol.dispose](): void {
    this.#end();
    detachBelow(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #end(): void {
    try {
      if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // The process and all that it started have ended.
    }
  }

  #cache(): string {
    return join(this.folder, 'node_modules', '.cache', keptByTests);
  }

  #aside(): string {
    return join(this.folder, '.kept');
  }

  #listKept(): string {
    if (!existsSync(this.#cache())) return '';
    return readdirSync(this.#cache(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const { size, mtimeMs } = statSync(join(parentPath, name));
        return `${parentPath}/${name} ${size} ${mtimeMs}`;
      })
      .sort()
      .join('\n');
  }
}

/** Detaches the file systems that a test has mounted in a folder and, since it was ended, left there. */
function detachBelow(folder: string): void {
  if (!existsSync('/proc/self/mounts')) return;
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const path = line.split(' ')[1];
    if (path?.startsWith(`${folder}/`)) execFileSync('umount', ['-l', path]);
  }
}

function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  if (existsSync(from)) cpSync(from, to, { recursive: true, preserveTimestamps: true });
}
