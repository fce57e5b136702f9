/** Limits of an appid hold over all servers of a database together. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { type PostgresHome, postgresHome } from './home.ts';

let home: PostgresHome;
const opened = new AsyncDisposableStack();
let servers: readonly TestApp[];
before(async () => {
  home = opened.use(await postgresHome());
  servers = [opened.use(await startApp({ database: home.url })), opened.use(await startApp({ database: home.url }))];
});
after(() => opened.disposeAsync());

/** The second of the database's clock. */
async function secondNow(): Promise<number> {
  const [row] = await home.ask('select floor(extract(epoch from clock_timestamp()))::integer as second');
  return row!.second as number;
}

test('calls a second are counted for both servers, and a server does not ask for each call', async () => {
  const [one] = servers;
  const most = 40;
  await one!.app.stores.tenants.set(one!.key.appid, { limits: { callsPerSecond: most } });
  await setTimeout(600);
  const from = await secondNow();
  let taken = 0;
  const flood = async (server: TestApp): Promise<void> => {
    for (let refused = 0; refused < 20; ) {
      const { code } = await server.json('getgroupids', {});
      if (code === 15) refused += 1;
      else taken += 1;
    }
  };
  await Promise.all(servers.flatMap((server) => [flood(server), flood(server)]));
  const seconds = (await secondNow()) - from + 1;
  assert.ok(taken <= most * seconds, `${taken} in ${seconds} seconds`);
  // Who is refused has met the end of a second; the other server may have left a twentieth of it unused.
  assert.ok(taken >= most - most / 20, `${taken}`);
  await one!.app.stores.tenants.set(one!.key.appid, { limits: { callsPerSecond: null } });
  await setTimeout(600);
});

test('pictures of the month are counted for both servers', async () => {
  const [one, other] = servers;
  const image = (await photograph(1)).toString('base64');
  const detect = async (server: TestApp) => (await server.json('detect', { image })).code;
  await one!.app.stores.tenants.set(one!.key.appid, { limits: { picturesPerMonth: 5 } });
  await setTimeout(600);
  for (let i = 0; i < 3; i += 1) assert.equal(await detect(one!), 0);
  for (const code of [0, 0, 15]) assert.equal(await detect(other!), code);
  await setTimeout(2_000);
  assert.equal(await detect(one!), 15);
});
