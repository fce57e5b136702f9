/** Several servers over one database answer as one would, and go on when the database comes back. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Answer, makeFolder, photograph, signFor, startApp, type TestApp } from '../harness.ts';
import { openProxy } from './proxy.ts';
import { type PostgresServer, startPostgres } from './server.ts';

let postgres: PostgresServer;
const opened = new AsyncDisposableStack();
let servers: readonly TestApp[];

before(async () => {
  postgres = opened.use(await startPostgres());
  const database = postgres.urlOf('postgres');
  servers = [];
  for (let i = 0; i < 2; i++) servers = [...servers, opened.use(await startApp({ database }))];
});
after(() => opened.disposeAsync());

/** The code of getgroupids where there are no groups. */
const none = -1307;

const picture = async (number: 1 | 2): Promise<string> => (await photograph(number)).toString('base64');

/** The persons that a server finds in a group for a picture. */
async function identify(server: TestApp, groupId: string, image: string): Promise<readonly string[]> {
  const { code, data } = await server.json('identify', { group_id: groupId, image });
  assert.ok(code === 0 || code === -1306, String(code));
  return code === 0 ? data.candidates.map((one: { person_id: string }) => one.person_id) : [];
}

test('the first key is made once, and every server takes it', async () => {
  const [one, other] = servers;
  assert.notEqual(one!.app.firstKey, undefined);
  assert.equal(other!.app.firstKey, undefined);
  assert.equal((await other!.json('getgroupids', {})).code, none);
});

test('what any server has answered, every other one answers by, at once', async () => {
  const [one, other] = servers;
  const image = await picture(1);
  for (let round = 0; round < 5; round++) {
    const [from, to] = round % 2 === 0 ? [one!, other!] : [other!, one!];
    const id = `p${round}`;
    assert.equal((await from.json('newperson', { person_id: id, group_ids: ['g'], image })).code, 0);
    assert.deepEqual(await identify(to, 'g', image), [id]);
    assert.equal((await to.json('newperson', { person_id: id, group_ids: ['g'], image })).code, -1302);
    assert.equal((await to.json('setinfo', { person_id: id, person_name: 'n' })).code, 0);
    assert.equal((await from.json('getinfo', { person_id: id })).data.person_name, 'n');
    assert.equal((await from.json('delperson', { person_id: id })).code, 0);
    assert.deepEqual(await identify(to, 'g', image), []);
  }
});

test('a key that is revoked is refused by every server within a second', async () => {
  const [one, other] = servers;
  const key = { ...one!.key, secretId: 'another' };
  await one!.app.stores.keys.addKey(key, []);
  const call = (server: TestApp): Promise<Answer> => server.json('getgroupids', {}, { authorization: signFor(key) });
  for (const server of servers) assert.equal((await call(server)).code, none);
  await one!.app.stores.keys.revokeKey('another', Date.now());
  assert.equal((await call(one!)).code, 11);
  await setTimeout(600);
  assert.equal((await call(other!)).code, 11);
});

test('without the database calls are answered in time, and when it is back as before', async () => {
  const [one, other] = servers;
  const image = await picture(1);
  assert.equal((await one!.json('newperson', { person_id: 'kept', group_ids: ['g'], image })).code, 0);
  await postgres.stop();
  for (const [endpoint, fields] of [
    ['getinfo', { person_id: 'kept' }],
    ['newperson', { person_id: 'lost', group_ids: ['g'], image }],
    ['identify', { group_id: 'g', image }],
  ] as const) {
    for (const server of servers) assert.match(String((await server.json(endpoint, fields)).code), /^(108|-1200)$/);
  }
  const ready = await fetch(`${one!.app.url}/readyz`);
  assert.equal(ready.status, 503);
  await ready.body?.cancel();
  await postgres.start();
  assert.deepEqual(await identify(other!, 'g', image), ['kept']);
  assert.equal((await one!.json('getinfo', { person_id: 'lost' })).code, -1303);
  assert.equal((await one!.json('delperson', { person_id: 'kept' })).code, 0);
  assert.deepEqual(await identify(other!, 'g', image), []);
});

test('a network that stalls holds no call up for long, and is used again when it goes on', async () => {
  await using proxy = await openProxy(Number(new URL(postgres.urlOf('')).port));
  const database = `postgres://familiar@127.0.0.1:${proxy.port}/postgres`;
  const data = await makeFolder();
  const server = await startApp({ database }, {}, data);
  const image = await picture(2);
  assert.equal((await server.json('newperson', { person_id: 's', group_ids: ['s'], image })).code, 0);
  const crowd = (): Promise<readonly number[]> =>
    Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        if (i % 6 === 0) return (await server.json('getinfo', { person_id: 's' })).code;
        if (i % 6 === 1) return (await server.json('identify', { group_id: 's', image })).code;
        // Those that write wait for each other; they must not wait for the timeout of each.
        return (await server.json('setinfo', { person_id: 's', tag: `${i}` })).code;
      }),
    );
  assert.deepEqual(new Set(await crowd()), new Set([0]), 'every connection is open');
  proxy.stall();
  const began = performance.now();
  const refused = new Set(await crowd());
  // Five seconds are promised; the rest is for a machine that has other things to do.
  assert.ok(performance.now() - began < 10_000, `${performance.now() - began} ms`);
  assert.deepEqual(refused.difference(new Set([108, -1200])), new Set());
  assert.equal(await readinessOf(server), 503);
  proxy.goOn();
  for (let tries = 0; (await readinessOf(server)) !== 200; tries++) {
    assert.ok(tries < 1_000, 'it is not ready again');
    await setTimeout(20);
  }
  assert.deepEqual(new Set(await crowd()), new Set([0]), 'no connection of before is used');
  assert.deepEqual(await identify(servers[0]!, 's', image), ['s']);
  proxy.stall();
  const closing = performance.now();
  await server[Symbol.asyncDispose]();
  assert.ok(performance.now() - closing < 20_000, 'a server that is stopped waits for nobody who does not answer');
  await rm(data, { recursive: true });
});

async function readinessOf({ app }: TestApp): Promise<number> {
  const response = await fetch(`${app.url}/readyz`);
  await response.body?.cancel();
  return response.status;
}
