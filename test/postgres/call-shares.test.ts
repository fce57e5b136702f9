/** The calls of a second, counted by the database for all servers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RateLease, RateLeases } from '../../src/concurrency/call-rates.ts';
import type { Stores } from '../../src/store/open.ts';
import { type PostgresHome, postgresHome } from './home.ts';

let home: PostgresHome;
let servers: readonly Stores[];
before(async () => {
  home = await postgresHome();
  servers = [await home.open(), await home.open(), await home.open()];
});
after(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const leasesOf = (server: Stores): RateLeases => server.callRates ?? assert.fail('servers share a count');
const sumOf = (leases: readonly RateLease[]): number => leases.reduce((sum, { granted }) => sum + granted, 0);

/** The second of the database's clock. */
async function secondNow(): Promise<number> {
  const [row] = await home.ask('select floor(extract(epoch from clock_timestamp()))::integer as second');
  return row!.second as number;
}

/** Runs work until all of it lies in one second of the database. */
async function withinSecond<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const before = await secondNow();
    const result = await work(attempt);
    if ((await secondNow()) === before) return result;
  }
}

test('whoever asks, no more is granted in a second than the limit, and all of it', async () => {
  const leases = await withinSecond((attempt) =>
    Promise.all(
      servers.flatMap((server) => Array.from({ length: 20 }, () => leasesOf(server).take(`a${attempt}`, 50, 1))),
    ),
  );
  assert.equal(sumOf(leases), 50);
  assert.ok(
    leases.every(({ granted, isLast }) => isLast === granted < 2),
    'a twentieth of 50 is two',
  );
});

test('a server takes a twentieth of the second at once, or as much as it needs', async () => {
  const { few, many, left } = await withinSecond(async (attempt) => ({
    few: await leasesOf(servers[0]!).take(`b${attempt}`, 100, 1),
    many: await leasesOf(servers[1]!).take(`b${attempt}`, 100, 80),
    left: await leasesOf(servers[2]!).take(`b${attempt}`, 100, 80),
  }));
  assert.deepEqual([few.granted, few.isLast], [5, false]);
  assert.deepEqual([many.granted, many.isLast], [80, false]);
  assert.deepEqual([left.granted, left.isLast], [15, true]);
  for (const { forMs } of [few, many, left]) assert.ok(forMs >= 0 && forMs <= 1_000);
});

test('what is asked for is never more than the limit, and a new second begins with all of it', async () => {
  const take = () => leasesOf(servers[0]!).take('c', 3, 7);
  const first = await take();
  assert.equal(first.granted, 3);
  await setTimeout(first.forMs + 5);
  assert.equal((await take()).granted, 3);
});

test('limits of many appids are taken in few statements, each by itself', async () => {
  const parties = Array.from({ length: 200 }, (_, i) => `d${i}`);
  const leases = await withinSecond((attempt) =>
    Promise.all(parties.map((party, i) => leasesOf(servers[i % 3]!).take(`${party}-${attempt}`, 1, 1))),
  );
  assert.ok(leases.every(({ granted, isLast }) => granted === 1 && !isLast));
});
