/** What every kind of disturbance works with: a data folder, photographs, clients, and a count of its rounds. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPictures } from '../conformance/pictures.ts';
import { Random } from '../random.ts';
import { Clients } from './clients.ts';
import type { Server } from './server.ts';

/** Imported networks, kept between runs so that they are imported once. */
const networks = fileURLToPath(new URL('../../node_modules/.cache/familiar-models', import.meta.url));

/** A disturbance, which is repeated. */
export interface Kind {
  /** What is done to the server, for the page. */
  readonly about: string;
  /** What the milliseconds are that it tells. */
  readonly measures: string;
  /** Why it cannot be tried on this machine; undefined if it can. */
  readonly obstacle?: () => Promise<string | undefined>;
  /**
   * Disturbs so many times, and checks after each that nothing is lost.
   * @throws Error if something is.
   */
  readonly run: (arena: Arena, rounds: number) => Promise<void>;
}

/** Where one kind is tried. */
export interface Arena {
  /** The data folder; a folder of its own is around it. */
  readonly data: string;
  readonly random: Random;
  readonly clients: Clients;
  /** Flags for each start of the server beside those that the kind sets. */
  readonly flags: readonly string[];
  /** Told after each round, with the milliseconds of {@link Kind.measures}. */
  readonly tell: (ms: number) => void;
}

/** How many clients call at once. */
const clientsCount = 3;

/** Makes an arena; disposing of it removes the folder. */
export async function openArena(seed: number, tell: Arena['tell']): Promise<Arena & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-chaos-'));
  const data = join(folder, 'data');
  await makeData(data);
  await using pictures = await openPictures();
  return {
    data,
    random: new Random(seed),
    clients: new Clients(Object.values(pictures.bytes), clientsCount, seed),
    flags: ['--workers', '2'],
    tell,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Makes a data folder that borrows the imported networks. */
export async function makeData(data: string): Promise<void> {
  await mkdir(networks, { recursive: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  await symlink(networks, join(data, 'models'));
}

/** The status that `/readyz` answers. */
export async function readiness({ url }: Server): Promise<number> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
}

/**
 * Waits until something is so.
 * @returns how many milliseconds that took.
 * @throws Error if it takes too long.
 */
export async function until(what: string, isSo: () => Promise<boolean>, limitMs: number): Promise<number> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}
