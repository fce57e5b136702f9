/** Compares the servers of two checkouts over HTTP: what calls take, and how soon a server is ready. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, type Until } from '../load.ts';
import { type Subject, startServer } from '../process.ts';
import { type Account, jsonShot, newpersonShot, readAccount } from '../shots.ts';
import { both, inTurn, type Pairs, type Sides } from './sides.ts';

/** A checkout's server, running over a data folder of its own. */
interface Served extends AsyncDisposable {
  readonly server: Subject;
  readonly account: Account;
  readonly checkout: string;
  readonly data: string;
}

/** Longest that the reads of one measure go on. */
const readsMs = 1000;
/** Pictures of one measure; a picture takes a worker some 60 ms. */
const pictures = 8;
/** Restarts of each side: a restart takes a second, and its time varies little. */
const restartsMax = 10;

/** Measures both servers; times are milliseconds. */
export async function compareHttp(checkouts: Sides<string>, rounds: number): Promise<Pairs> {
  const { before, after } = await both(checkouts, serve);
  await using first = before;
  await using second = after;
  const sides = { before: first, after: second };
  const running = await inTurn(sides, rounds, {
    'newperson, one call at a time': (side, round) =>
      perCall(side, 1, { calls: pictures }, (i) => newpersonShot(side.account, `alone-${round}-${i}`, 'bench')),
    'newperson, 8 connections': (side, round) =>
      perCall(side, 8, { calls: pictures }, (i) => newpersonShot(side.account, `busy-${round}-${i}`, 'bench')),
    'getinfo, 1 connection': (side) => perRead(side, 1),
    'getinfo, 32 connections': (side) => perRead(side, 32),
    'resident memory, MB': async (side) => (await side.server.memory()) ?? Number.NaN,
  });
  const restarts = await inTurn(sides, Math.min(rounds, restartsMax), {
    'restart until it listens': async (side) => (await restart(side)).listeningMs,
    'restart until it is ready': async (side) => (await restart(side)).readyMs,
  });
  return { ...running, ...restarts };
}

async function serve(checkout: string): Promise<Served> {
  const data = await mkdtemp(join(tmpdir(), 'familiar-compare-'));
  const server = await startServer(flagsOf(data), checkout);
  await server.printed('ready');
  const account = await readAccount(data);
  await load(server.url, 1, { calls: 1 }, () => newpersonShot(account, 'known', 'bench'));
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await rm(data, { recursive: true });
  };
  return { server, account, checkout, data, [Symbol.asyncDispose]: dispose };
}

/** Starts a second server of the checkout, over the networks that the first one imported, and stops it. */
async function restart({ checkout, data }: Served): Promise<{ listeningMs: number; readyMs: number }> {
  await using server = await startServer(flagsOf(data), checkout);
  return { listeningMs: server.listeningMs, readyMs: await server.printed('ready') };
}

function flagsOf(data: string): string[] {
  return ['--port', '0', '--data', data];
}

async function perRead(side: Served, connections: number): Promise<number> {
  const shot = jsonShot('getinfo', side.account, { person_id: 'known' });
  return perCall(side, connections, { ms: readsMs }, () => shot);
}

/** Milliseconds from one answer to the next, over all connections. */
async function perCall(
  { server }: Served,
  connections: number,
  until: Until,
  shot: Parameters<typeof load>[3],
): Promise<number> {
  return 1000 / (await load(server.url, connections, until, shot)).perSecond;
}
