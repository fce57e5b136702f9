/** What servers of one database must have in common: the master key, the model pack, and no clock. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { addPack, listPacks, packsFolder, usePack } from '../../src/app/models.ts';
import type { Key } from '../../src/auth/keys.ts';
import { sign } from '../../src/auth/signature.ts';
import type { EndpointName } from '../../src/contract/endpoints.ts';
import { inspectShared } from '../../src/store/inspect.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { makeFolder, signFor, startApp, type TestApp } from '../harness.ts';
import { masterKey } from '../master-key.ts';
import { openStandIn } from '../nodes/stand-in.ts';
import { freshFolder, thumbnailManifest, thumbnailNetwork, writePack } from '../packs/made-up.ts';
import { limits, person } from '../store/fixtures.ts';
import { borrowDatabase, type LentDatabase } from './lend.ts';

let lent: LentDatabase;
let database: string;
before(async () => {
  lent = await borrowDatabase();
  database = lent.url;
});
after(() => lent[Symbol.asyncDispose]());

/** Starts a server of the database whose model is another one, or whose clock is wrong. */
function start({ model = 'm1', clockMs = 0 } = {}): Promise<TestApp> {
  const openAnalyzer = async () => ({ ...openStandIn({ waitMs: 0, lanes: 1 }), model });
  return startApp({ database }, { openAnalyzer, now: () => Date.now() + clockMs });
}

const image = (text: string): string => Buffer.from(text).toString('base64');

test('a server with another master key says so, and does not start', async () => {
  await using _ = await start();
  const other = Buffer.alloc(32, 8).toString('base64');
  await assert.rejects(
    startApp({ database, masterKey: other }),
    /cannot open the database postgres:\/\/127\.0\.0\.1.*encrypted with the master key [0-9a-f]{16}, and FAMILIAR_MASTER_KEY holds another one/,
  );
});

test('a server whose networks are others than those of the first says so, and does not start', async () => {
  await using one = await start();
  await assert.rejects(start({ model: 'm2' }), /use the model pack builtin, whose model is m1, and this one's is m2/);
  assert.equal((await one.json('getgroupids', {})).code, -1307);
  await using _ = await start();
});

test('servers of one database see each other, and not one that was taken for dead', async () => {
  await using own = await borrowDatabase();
  const open = () => openSharedStores({ url: own.url, masterKey });
  await using one = await open();
  await using other = await open();
  const [seen, seenByOther] = [await one.activity.servers(), await other.activity.servers()];
  assert.deepEqual(seen.map(({ isThis }) => isThis).toSorted(), [false, true]);
  assert.deepEqual(seenByOther.map(({ id }) => id).toSorted(), seen.map(({ id }) => id).toSorted());
  assert.notEqual(seen.find(({ isThis }) => isThis)!.id, seenByOther.find(({ isThis }) => isThis)!.id);
  assert.ok(seen.every(({ seenAt }) => Math.abs(seenAt - Date.now()) < 60_000));
  const self = { version: '1.2.3', processBytes: 5_000_000_000, indexBytes: 7, indexFaces: 3 };
  one.activity.tellOfSelf(() => self);
  const store = one.of('1001');
  await store.insertPerson(person('p'));
  await store.joinGroups('p', ['g1'], limits);
  const feed = one.feedOf('1001');
  const position = await feed.position();
  await Array.fromAsync(feed.contents('m1', 100));
  for (const group of ['g2', 'g3']) await store.joinGroups('p', [group], limits);
  const told = (await other.activity.servers()).find(({ isThis }) => !isThis)!;
  assert.deepEqual([told.self, told.galleries, told.changesSeen, told.changesBehind], [self, 1, position, 2]);
  assert.deepEqual(
    (await other.activity.servers()).filter(({ isThis }) => isThis).map((one) => [one.self, one.galleries]),
    [[undefined, 0]],
  );
  await expire(own.url);
  assert.deepEqual(await one.activity.servers(), []);
});

test('of servers that start at once with different networks one starts', async () => {
  await using own = await borrowDatabase();
  const stores = [];
  await using opened = new AsyncDisposableStack();
  for (let i = 0; i < 4; i++) stores.push(opened.use(await openSharedStores({ url: own.url, masterKey })));
  const agreed = await Promise.allSettled(stores.map(({ packs }, i) => packs.agree('builtin', `m${i}`)));
  assert.equal(agreed.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a pack is chosen for all servers while none runs, and a server that was taken for dead then notices', async (t) => {
  await using own = await borrowDatabase();
  const open = () => openSharedStores({ url: own.url, masterKey });
  await using frozen = await open();
  await frozen.packs.agree('builtin', 'm1');
  await frozen.check();
  const source = await writePack(
    join(await freshFolder(t), 'handed-on'),
    thumbnailManifest('thumbnail'),
    thumbnailNetwork(),
  );
  const data = await makeFolder();
  t.after(() => rm(data, { recursive: true }));
  const places = { packs: join(data, packsFolder), models: data };
  await addPack(places, source, {});
  {
    await using operator = await open();
    await assert.rejects(usePack(places, 'thumbnail', operator.packs), /^Error: 1 server uses this database: stop all/);
    assert.equal((await operator.packs.find())?.name, 'builtin');
    await operator[Symbol.asyncDispose]();
  }
  await expire(own.url);
  {
    await using operator = await open();
    await usePack(places, 'thumbnail', operator.packs);
  }
  await assert.rejects(frozen.check(), /use the model pack thumbnail, whose model is null, and this one's is m1/);
  await using register = await inspectShared(own.url);
  const used = (await register?.packs())?.find(({ state }) => state === 'in use');
  const states = await listPacks(places, used?.name);
  assert.deepEqual(
    states.filter(({ inUse }) => inUse).map(({ name }) => name),
    ['thumbnail'],
  );
  await using next = await open();
  await assert.rejects(next.packs.agree('builtin', 'm1'), /use the model pack thumbnail/);
  await next.packs.agree('thumbnail', 'm9');
  await assert.rejects(next.packs.agree('thumbnail', 'm8'), /whose model is m9, and this one's is m8/);
});

/** Has every server of a database be silent for longer than a minute. */
async function expire(url: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`update servers set seen_at = now() - interval '61 seconds'`);
  await client.end();
}

test('a server whose clock is wrong by minutes answers as the others do', async () => {
  const minutes = 60_000;
  await using right = await start();
  await using fast = await start({ clockMs: 10 * minutes });
  await using slow = await start({ clockMs: -10 * minutes });
  const servers = [right, fast, slow];
  /** A signature that is good for an hour. */
  const signed = (key: Key) => {
    const madeAt = Math.floor(Date.now() / 1000);
    return { authorization: sign({ ...key, madeAt, expires: madeAt + 3_600 }, key.secretKey) };
  };
  const call = (server: TestApp, endpoint: EndpointName, fields: object, key = right.key) =>
    server.json(endpoint, { ...fields }, signed(key));
  for (const [i, server] of servers.entries()) {
    const made = await call(server, 'newperson', { person_id: `p${i}`, group_ids: ['g'], image: image(`p${i}`) });
    assert.equal(made.code, 0, made.text);
  }
  for (const server of servers) {
    for (const i of servers.keys()) {
      const found = await call(server, 'identify', { group_id: 'g', image: image(`p${i}`) });
      assert.equal(found.data.candidates[0].person_id, `p${i}`);
    }
    const { data } = await call(server, 'getpersonids', { group_id: 'g' });
    assert.deepEqual(data.person_ids, ['p0', 'p1', 'p2'], 'in the order of joining, whatever the clocks said');
  }
  // A key that is revoked by one is refused by all, though the moment that is noted may be yet to come for them.
  const key = { ...right.key, secretId: 'another' };
  await right.app.stores.keys.addKey(key, []);
  for (const server of servers) assert.equal((await call(server, 'getgroupids', {}, key)).code, 0);
  await fast.app.stores.keys.revokeKey('another', Date.now() + 10 * minutes);
  await setTimeout(600);
  for (const server of servers) assert.equal((await call(server, 'getgroupids', {}, key)).code, 11);
  // What does depend on the clock: how long a signature is good. One for a minute is over ten minutes ahead.
  const codes = servers.map(
    async (server) => (await server.json('getgroupids', {}, { authorization: signFor(right.key) })).code,
  );
  assert.deepEqual(await Promise.all(codes), [0, 9, 0]);
});
