/** Disturbances of several servers over one PostgreSQL database: servers are killed, and the database crashes, under load. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { masterKeyText } from '../master-key.ts';
import { startPostgres } from '../postgres/server.ts';
import { Random } from '../random.ts';
import { type Arena, type Kind, makeData, readiness, until } from './arena.ts';
import { Clients } from './clients.ts';
import { whileDriving } from './processes.ts';
import { type Account, killServer, launch, readAccount, type Server, stopServer } from './server.ts';

/** How far the clock of each server is off, in milliseconds: minutes do no harm. */
const clocks: readonly number[] = [0, 180_000, -180_000];
/** The longest that servers may take to be well again once the database is back, and that an answer may take. */
const recoveryMaxMs = 5_000;
const answerMaxMs = 5_000;
/** How long the database stays away after a crash, in milliseconds. */
const outageMs = 2_000;

/** How servers are disturbed. */
export interface NodesPlan {
  /** How often a server is killed. */
  readonly rounds: number;
  /** The time from one to the next, in milliseconds. */
  readonly roundMs: number;
  /** Before which rounds the database crashes, counted from 0. */
  readonly crashes: readonly number[];
  /** Whether the servers have the real networks; else a stand-in, which leaves the machine to everything else. */
  readonly hasNetworks: boolean;
}

const about =
  'three servers share a PostgreSQL database; one is killed (SIGKILL) every 20 s, and the database crashes twice';

/** The kinds by name. `--rounds 15` is five minutes. */
export const nodes: Readonly<Record<string, Kind>> = {
  nodes: {
    about: `${about}; with a stand-in for the networks, and clocks that are three minutes off`,
    measures: 'until all servers were ready after the database was back',
    run: (arena, rounds) =>
      disturbNodes(arena, { rounds, roundMs: 20_000, crashes: thirds(rounds), hasNetworks: false }),
  },
  'nodes-networks': {
    about,
    measures: 'until all servers were ready after the database was back',
    run: (arena, rounds) =>
      disturbNodes(arena, { rounds, roundMs: 20_000, crashes: thirds(rounds), hasNetworks: true }),
  },
};

function thirds(rounds: number): readonly number[] {
  return [Math.floor(rounds / 3), Math.floor((2 * rounds) / 3)];
}

/**
 * Disturbs three servers, and checks all the time that each answers by what any of them has answered.
 * @throws Error if something is lost, half done, old or late.
 */
export async function disturbNodes(arena: Arena, plan: NodesPlan): Promise<void> {
  await using postgres = await startPostgres();
  await using fleet = new Fleet(arena, postgres.urlOf('postgres'), plan.hasNetworks);
  const clients = plan.hasNetworks ? arena.clients : standInClients(arena);
  await fleet.start();
  let isOut = false;
  const stop = new AbortController();
  const driving = clients.driveNodes(() => fleet.alive, stop.signal, { mayLose: true, isOut: () => isOut });
  for (let round = 0; round < plan.rounds; round++) {
    if (plan.crashes.includes(round)) {
      isOut = true;
      await postgres.stop();
      await whileDriving(driving, wait(outageMs));
      await postgres.start();
      const ready = until('all servers are ready', () => fleet.isReady(), recoveryMaxMs);
      arena.tell(await whileDriving(driving, ready));
      // The answers under way may still be those of the outage.
      await whileDriving(driving, wait(500));
      isOut = false;
    }
    await whileDriving(driving, wait(arena.random.below(plan.roundMs / 2)));
    const began = performance.now();
    await whileDriving(driving, fleet.killAndStartOne());
    await whileDriving(driving, wait(Math.max(0, plan.roundMs - (performance.now() - began))));
  }
  stop.abort();
  await driving;
  if (clients.slowestMs > answerMaxMs) throw new Error(`an answer took ${clients.slowestMs.toFixed(0)} ms`);
  for (const server of fleet.alive) await clients.verify(server);
  await fleet.stop();
  await clients.verifyUsage(arena.data, '--database', postgres.urlOf('postgres'));
  if (clients !== arena.clients) arena.clients.takeTally(clients);
}

/** Clients whose pictures are any bytes. */
function standInClients({ random }: Arena): Clients {
  const draws = new Random(random.below(2 ** 32));
  return new Clients(
    Array.from({ length: 1_000 }, () => draws.bytes(64)),
    6,
    random.below(2 ** 32),
  );
}

/** The servers of one database, each with a data folder of its own. */
class Fleet implements AsyncDisposable {
  readonly #arena: Arena;
  readonly #database: string;
  readonly #hasNetworks: boolean;
  readonly #servers: (Server | undefined)[] = clocks.map(() => undefined);
  #account: Account | undefined;

  constructor(arena: Arena, database: string, hasNetworks: boolean) {
    this.#arena = arena;
    this.#database = database;
    this.#hasNetworks = hasNetworks;
  }

  /** Those that run. */
  get alive(): readonly Server[] {
    return this.#servers.filter((server) => server?.isAlive() === true) as readonly Server[];
  }

  /** Starts all at once; of their folders one has the first key then. */
  async start(): Promise<void> {
    await writeFile(this.#masterKeyFile, masterKeyText, { mode: 0o600 });
    for (const place of clocks.keys()) await makeData(this.#folderOf(place));
    const launched = await Promise.all(clocks.keys().map((place) => this.#launch(place)));
    const accounts = await Promise.all(
      clocks.keys().map((place) => readAccount(this.#folderOf(place)).catch(() => {})),
    );
    const made = accounts.filter((account) => account !== undefined);
    if (made.length !== 1) throw new Error(`${made.length} servers made a first key`);
    this.#account = made[0]!;
    for (const [place, one] of launched.entries()) this.#servers[place] = { ...one, account: this.#account };
  }

  /** Whether each server says that it is ready. */
  async isReady(): Promise<boolean> {
    const states = await Promise.all(this.alive.map(readiness));
    return states.every((status) => status === 200);
  }

  /** Kills a server under load, and starts it again. */
  async killAndStartOne(): Promise<void> {
    const place = this.#arena.random.below(this.#servers.length);
    await killServer(this.#servers[place]!);
    this.#servers[place] = { ...(await this.#launch(place)), account: this.#account! };
  }

  async stop(): Promise<void> {
    for (const server of this.alive) await stopServer(server);
  }

  /** Kills those that still run, as after a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.alive.map(killServer));
  }

  #launch(place: number): Promise<Omit<Server, 'account'>> {
    const words = [
      '--data',
      this.#folderOf(place),
      '--database',
      this.#database,
      '--master-key-file',
      this.#masterKeyFile,
    ];
    if (this.#hasNetworks) {
      return launch(join('src', 'main.ts'), ['serve', '--port', '0', '--admin-port', '0', '--workers', '1', ...words]);
    }
    return launch(join('test', 'nodes', 'serve.ts'), [...words, `--clock-ms=${clocks[place]}`]);
  }

  get #masterKeyFile(): string {
    return `${this.#arena.data}.shared-key`;
  }

  #folderOf(place: number): string {
    return `${this.#arena.data}-${place}`;
  }
}
