/** Disturbances of processes: killed, stopped for a while, or never given the time they need. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Arena, type Kind, until } from './arena.ts';
import { childrenOf, killServer, type Server, signalAll, startServer, stopServer } from './server.ts';

/** The longest that the server may take to be well again, in milliseconds; beside others that use the processors. */
const recoveryMaxMs = 10_000;
/** Short, so that a process can be stopped for longer than a picture may take. */
const pictureTimeoutMs = 1_000;

/** The kinds by name. */
export const processes: Readonly<Record<string, Kind>> = {
  kill: {
    about: 'the server is killed (SIGKILL) under load, and started again',
    measures: 'until it was ready again',
    run: async ({ clients, data, flags, random, tell }, rounds) => {
      let server = await startServer(data, ...flags);
      for (let round = 0; round < rounds; round++) {
        const [stop, answered] = [new AbortController(), clients.answered];
        const driving = clients.drive(server, stop.signal, { mayLose: true });
        await whileDriving(driving, waitForLoad(clients, answered));
        await wait(random.below(400));
        await killServer(server);
        stop.abort();
        await driving;
        const began = performance.now();
        server = await startServer(data, ...flags);
        const ms = performance.now() - began;
        await clients.verify(server);
        tell(ms);
      }
      await stopServer(server);
      await clients.verifyUsage(data);
    },
  },
  freeze: {
    about: 'all processes stand still (SIGSTOP) for longer than a picture may take, and go on (SIGCONT)',
    measures: 'until the next answer',
    run: (arena, rounds) =>
      disturb(arena, rounds, { flags: ['--picture-timeout-ms', `${pictureTimeoutMs}`] }, async (server) => {
        const all = [server.pid, ...(await childrenOf(server.pid))];
        signalAll(all, 'SIGSTOP');
        await wait(1.5 * pictureTimeoutMs);
        signalAll(all, 'SIGCONT');
      }),
  },
  'freeze-analysis': {
    about: 'one process of face analysis stands still for longer than a picture may take, and goes on if it is left',
    measures: 'until the next answer',
    obstacle: needChildren,
    run: (arena, rounds) =>
      disturb(arena, rounds, { flags: ['--picture-timeout-ms', `${pictureTimeoutMs}`] }, async (server) => {
        const one = [arena.random.of(await analysisOf(server))];
        signalAll(one, 'SIGSTOP');
        await wait(1.5 * pictureTimeoutMs);
        signalAll(one, 'SIGCONT');
      }),
  },
  'kill-analysis': {
    about: 'a process of face analysis is ended under load by SIGKILL, SIGABRT or SIGSEGV',
    measures: 'until the next answer',
    obstacle: needChildren,
    run: (arena, rounds) =>
      disturb(arena, rounds, { mayFail: true }, async (server) => {
        const children = await analysisOf(server);
        signalAll([arena.random.of(children)], arena.random.of(['SIGKILL', 'SIGABRT', 'SIGSEGV']));
        await wait(100);
        const isWhole = async () => (await childrenOf(server.pid)).length >= children.length;
        await until('a new process of face analysis', isWhole, recoveryMaxMs);
      }),
  },
  deadline: {
    about: 'no picture may take longer than 20 ms, with small portraits, three at once',
    measures: 'until the next answer',
    run: (arena, rounds) =>
      disturb(arena, rounds, { flags: ['--picture-timeout-ms', '20'], mayFail: true }, async () => await wait(1_000)),
  },
};

/** What a disturbance needs. */
interface Needs {
  /** Flags of the disturbed server. */
  readonly flags?: readonly string[];
  /** Whether pictures may be answered with 213. */
  readonly mayFail?: boolean;
}

/**
 * Disturbs one server under load again and again; it must live, answer all, and have kept all.
 * @param once one disturbance; how long it takes until the server answers again is told.
 */
export async function disturb(
  { clients, data, flags, tell }: Arena,
  rounds: number,
  { flags: own = [], mayFail = false }: Needs,
  once: (server: Server) => Promise<void>,
): Promise<void> {
  const server = await startServer(data, ...flags, ...own);
  for (let round = 0; round < rounds; round++) {
    const [stop, answered] = [new AbortController(), clients.answered];
    const driving = clients.drive(server, stop.signal, { mayFail });
    await whileDriving(driving, waitForLoad(clients, answered));
    await whileDriving(driving, once(server));
    const before = clients.answered;
    const recovery = until('the next answer', async () => clients.answered > before, recoveryMaxMs);
    const ms = await whileDriving(driving, recovery);
    stop.abort();
    await driving;
    tell(ms);
  }
  await stopServer(server);
  await checkAfterwards(clients, data, flags);
}

/** Starts the server once more, checks what it holds, stops it, and checks what it has counted. */
export async function checkAfterwards(
  clients: Arena['clients'],
  data: string,
  flags: readonly string[],
): Promise<void> {
  const server = await startServer(data, ...flags);
  await clients.verify(server);
  await stopServer(server);
  await clients.verifyUsage(data);
}

/** Waits for something while clients call, whose failure is a failure of both. */
export async function whileDriving<T>(driving: Promise<void>, work: Promise<T>): Promise<T> {
  const failed = driving.then(() => new Promise<never>(() => {}));
  return await Promise.race([work, failed]);
}

async function waitForLoad(clients: Arena['clients'], answered: number): Promise<void> {
  await until('the first answers', async () => clients.answered >= answered + 5, 30_000);
}

/** The processes of face analysis. */
async function analysisOf(server: Server): Promise<readonly number[]> {
  const children = await childrenOf(server.pid);
  if (children.length === 0) throw new Error('the server has no processes of face analysis');
  return children;
}

async function needChildren(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'only Linux tells which processes a server has started';
  return undefined;
}
