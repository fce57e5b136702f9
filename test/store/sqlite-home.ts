/** A folder for a test's SQLite files, and other processes that work on them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { DatabaseSource } from '../../src/store/database.ts';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import type { Home } from './fixtures.ts';

/** A folder of its own with one database in it. */
export interface SqliteHome extends Home {
  readonly folder: string;
  readonly file: string;
  /** Runs a statement on a connection of the test's own. */
  ask(text: string): Promise<readonly Record<string, unknown>[]>;
  readonly source: DatabaseSource;
}

/** Makes a folder for one test. */
export async function sqliteHome(): Promise<SqliteHome> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-store-'));
  const file = join(folder, 'familiar.sqlite');
  return {
    folder,
    file,
    source: { kind: 'sqlite', file },
    open: (options) => openStores({ file, masterKey, ...options }),
    async ask(text) {
      using database = new DatabaseSync(file, { timeout: 5_000 });
      return database.prepare(text).all();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** What another process can be asked to do; `writer.child.ts` says what each is. */
export type Job = 'register' | 'count' | 'compete' | 'erase' | 'fill' | 'recite';

/** How another process is hindered. */
export interface Hindrance {
  /** It is killed in the middle of its work, once it has told of so many writes. */
  readonly linesMax?: number;
  /** The disk takes so many blocks of a file (512 or 1,024 bytes each, as the shell likes) and no more. */
  readonly blocksMax?: number;
  /** Nothing that it tells is read before it sends a message. */
  readonly readsLate?: boolean;
}

/** What came of another process. */
export interface Ended {
  /** The writes that it said were done. */
  readonly told: readonly string[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The longest that another process may run. */
const timeoutMs = 100_000;

/** Runs another process over a file. */
export async function run(job: Job, file: string, hindrance: Hindrance = {}): Promise<Ended> {
  const { linesMax, blocksMax, readsLate = false } = hindrance;
  const script = fileURLToPath(new URL('./writer.child.ts', import.meta.url));
  const limit = `ulimit -f ${blocksMax ?? 'unlimited'} && exec "$@"`;
  const guard = new URL('../guard.ts', import.meta.url).href;
  const child = spawn('sh', ['-c', limit, 'sh', process.execPath, '--import', guard, script, job, file], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'close');
  if (readsLate) await Promise.race([once(child, 'message'), once(child, 'exit')]);
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    told.push(line);
    if (told.length === linesMax) child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  return { told, code, signal };
}
