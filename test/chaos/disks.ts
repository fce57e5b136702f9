/** Disturbances of what the server keeps: no room, damaged pages, a database that is gone, and a disk that is slow. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFile, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Arena, type Kind, makeData, readiness, until } from './arena.ts';
import { checkAfterwards, disturb, whileDriving } from './processes.ts';
import { killServer, runFamiliar, startServer, stopServer } from './server.ts';

const run = promisify(execFile);
const databaseFile = 'familiar.db';

/** The size of the disk that is filled, in MB; the database of some hundred persons takes a few. */
const diskMegabytes = 96;
/** The longest that the server may take to notice that something is wrong with its files, or well again. */
const noticeMaxMs = 15_000;
/** How many pages are damaged at once. */
const damagedPages = 4;
/** How long each write waits for the slow disk, in microseconds. */
const slowMicroseconds = 200_000;

/** The kinds by name. */
export const disks: Readonly<Record<string, Kind>> = {
  'full-disk': {
    about: 'the disk is filled under load, and once more; somebody is erased on it; then there is room again',
    measures: 'until it was ready again',
    obstacle: () => obstacleOf('a small disk cannot be mounted', 'unshare', '--mount', 'true'),
    run: fillDisk,
  },
  'damaged-pages': {
    about: `${damagedPages} pages of embeddings and crops are overwritten while the server does not run`,
    measures: 'until doctor --deep was done',
    run: damagePages,
  },
  vanished: {
    about: 'the database file is moved away while the server runs, and back; and is gone when it starts',
    measures: 'until the next answer',
    run: hideDatabase,
  },
  'slow-disk': {
    about: `each write to the disk takes ${slowMicroseconds / 1_000} ms; at the end of a round the server is killed`,
    measures: 'for one answer',
    obstacle: () => obstacleOf('strace cannot slow the server down', 'strace', '-o', '/dev/null', 'true'),
    run: slowDown,
  },
};

async function fillDisk({ clients, data, flags, tell }: Arena, rounds: number): Promise<void> {
  // Over the data folder, whose link to the networks is under it then.
  await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=700`, 'none', data]);
  try {
    await makeData(data);
    for (let round = 0; round < rounds; round++) {
      const server = await startServer(data, ...flags);
      const stop = new AbortController();
      const ballast = join(data, 'ballast');
      const isReady = async () => (await readiness(server)) === 200;
      const driving = clients.drive(server, stop.signal);
      await whileDriving(driving, wait(300));
      await fill(ballast);
      await whileDriving(driving, wait(1_000));
      await rm(ballast);
      await whileDriving(driving, until('readiness', isReady, noticeMaxMs));
      stop.abort();
      await driving;
      const isRefused = async (): Promise<boolean> => {
        await fill(ballast);
        return (await clients.registerOne(server)) === -1200;
      };
      await until('a refused registration', isRefused, noticeMaxMs);
      await until('readiness tells of the full disk', async () => !(await isReady()), noticeMaxMs);
      await clients.eraseOne(server);
      await rm(ballast);
      const ms = await until('readiness', isReady, noticeMaxMs);
      await clients.verify(server);
      await stopServer(server);
      tell(ms);
    }
    await checkAfterwards(clients, data, flags);
  } finally {
    await run('umount', ['--lazy', data]);
  }
}

async function damagePages({ clients, data, flags, random, tell }: Arena, rounds: number): Promise<void> {
  const [file, whole] = [join(data, databaseFile), join(data, '..', 'whole.db')];
  for (let round = 0; round < rounds; round++) {
    const server = await startServer(data, ...flags);
    const stop = new AbortController();
    const driving = clients.drive(server, stop.signal);
    await whileDriving(driving, wait(1_000));
    stop.abort();
    await driving;
    await stopServer(server);
    await copyFile(file, whole);
    const pages = pagesOf(file, random.of(['embeddings', 'crops']));
    const handle = await open(file, 'r+');
    const { pageSize } = pages;
    for (let i = 0; i < damagedPages; i++) {
      // The head of a page stays as it is: what it holds is damaged, and not where it is.
      await handle.write(
        random.bytes(pageSize - 512),
        0,
        pageSize - 512,
        random.of(pages.numbers) * pageSize - (pageSize - 512),
      );
    }
    await handle.close();
    const began = performance.now();
    const { exitCode, text } = await runFamiliar('doctor', '--deep', '--data', data);
    const ms = performance.now() - began;
    assert.notEqual(exitCode, 0, `doctor --deep finds nothing wrong: ${text}`);
    assert.match(text, /embeddings|crops/, 'doctor --deep names the table');
    await startDamaged(data, flags);
    await copyFile(whole, file);
    await checkAfterwards(clients, data, flags);
    tell(ms);
  }
}

/** A start on damaged pages: it says which table is damaged and ends, or serves what is whole and lives. */
async function startDamaged(data: string, flags: readonly string[]): Promise<void> {
  try {
    const server = await startServer(data, ...flags);
    await readiness(server);
    await stopServer(server);
  } catch (error) {
    assert.match((error as Error).message, /embedding|crop/i, 'a start on damaged pages says what is damaged');
  }
}

/** The pages that hold a table's rows, the root aside. */
function pagesOf(file: string, table: string): { readonly pageSize: number; readonly numbers: readonly number[] } {
  using database = new DatabaseSync(file, { readOnly: true });
  const [size] = database.prepare('pragma page_size').all();
  const rows = database
    .prepare(`select pageno from dbstat where name = ? and pagetype in ('leaf', 'overflow')`)
    .all(table);
  return { pageSize: Number(size?.page_size), numbers: rows.map(({ pageno }) => Number(pageno)) };
}

async function hideDatabase(arena: Arena, rounds: number): Promise<void> {
  const { clients, data, flags } = arena;
  const file = join(data, databaseFile);
  const away = join(data, '..', 'away');
  const hide = async (from: string, to: string): Promise<void> => {
    for (const suffix of ['', '-wal', '-shm']) await rename(from + suffix, to + suffix).catch(() => {});
  };
  await disturb(arena, rounds, {}, async (server) => {
    await hide(file, away);
    await until('readiness tells of the missing database', async () => (await readiness(server)) === 503, noticeMaxMs);
    await hide(away, file);
    await until('readiness', async () => (await readiness(server)) === 200, noticeMaxMs);
  });
  await hide(file, away);
  await assert.rejects(startServer(data, ...flags), /new-register/, 'no start on an empty register where one was');
  await assert.rejects(stat(file), 'nothing was made in its place');
  await hide(away, file);
  await checkAfterwards(clients, data, flags);
}

async function slowDown({ clients, data, flags, tell }: Arena, rounds: number): Promise<void> {
  const inject = `inject=fsync,fdatasync:delay_enter=${slowMicroseconds}`;
  for (let round = 0; round < rounds; round++) {
    const server = await startServer(data, ...flags);
    const words = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', inject, '-p', `${server.pid}`];
    const tracer = spawn('strace', words, { stdio: 'ignore' });
    const stop = new AbortController();
    const [answered, began] = [clients.answered, performance.now()];
    const driving = clients.drive(server, stop.signal, { mayLose: true });
    await whileDriving(driving, wait(3_000));
    const perSecond = (1_000 * (clients.answered - answered)) / (performance.now() - began);
    await killServer(server);
    tracer.kill('SIGKILL');
    await driving;
    assert.ok(perSecond > 0, 'no call was answered');
    const again = await startServer(data, ...flags);
    await clients.verify(again);
    await stopServer(again);
    tell(1_000 / perSecond);
  }
  await clients.verifyUsage(data);
}

/** Fills the disk that a file is on, as far as there is room now. */
async function fill(file: string): Promise<void> {
  for (let bytes = 2 ** 20; bytes >= 2 ** 12; bytes /= 4) {
    try {
      for (;;) await writeFile(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

async function obstacleOf(what: string, command: string, ...words: readonly string[]): Promise<string | undefined> {
  try {
    await run(command, [...words]);
    return undefined;
  } catch (error) {
    return `${what}: ${(error as Error).message.split('\n')[0]}`;
  }
}
