/** Several servers over one database answer as one would, and go on when the database comes back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Answer, photograph, signFor, startApp, type TestApp } from '../harness.ts';
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
  await using server = await startApp({ database });
  const image = await picture(2);
  assert.equal((await server.json('newperson', { person_id: 's', group_ids: ['s'], image })).code, 0);
  proxy.stall();
  const calls = [
    server.json('getinfo', { person_id: 's' }),
    server.json('delperson', { person_id: 's' }),
    server.json('identify', { group_id: 's', image }),
  ];
  const ready = fetch(`${server.app.url}/readyz`);
  for (const answer of await Promise.all(calls)) assert.match(String(answer.code), /^(108|-1200)$/);
  assert.equal((await ready).status, 503);
  proxy.goOn();
  assert.deepEqual(await identify(servers[0]!, 's', image), ['s']);
  assert.equal((await server.json('getinfo', { person_id: 's' })).code, 0);
  assert.equal((await fetch(`${server.app.url}/readyz`)).status, 200);
});
