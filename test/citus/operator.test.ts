/** What an operator does with a register that is spread over machines, on two servers: another pack, checks and corrections. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { OperationName } from '../../src/contract/operator/operations.ts';
import { signFor, startApp, type TestApp } from '../harness.ts';
import { signIn } from '../operator.ts';
import { installed, isInUse, portraits, until } from '../packs/upgrading.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, tenantsApart } from './home.ts';

let cluster: Cluster;
before(async () => {
  if (!skip) cluster = await startCluster();
});
after(() => cluster?.[Symbol.asyncDispose]());

const group_ids = ['friends'];

/** Two servers of one register. */
class Pair {
  readonly #servers: readonly TestApp[];
  #next = 0;

  constructor(servers: readonly TestApp[]) {
    this.#servers = servers;
  }

  /** Calls for an appid: each call another server than the one before. */
  async call(appid: string, endpoint: 'newperson' | 'identify' | 'getfaceids', fields: object) {
    const server = this.#servers[this.#next++ % this.#servers.length]!;
    const key = { appid, secretId: appid, secretKey: 's', createdAt: 1, revokedAt: null };
    const answer = await server.json(endpoint, { ...fields, appid }, { authorization: signFor(key) });
    assert.equal(answer.code, 0, answer.text);
    return answer.data;
  }

  /** Whom a picture shows, in the order of their scores. */
  async identify(appid: string, image: Buffer): Promise<readonly string[]> {
    const { candidates } = await this.call(appid, 'identify', { group_ids, image: image.toString('base64') });
    return candidates.map(({ person_id }: { person_id: string }) => person_id);
  }
}

/** Asks for operations of the operator's, each of which must be done. */
async function signedIn(server: TestApp) {
  const owner = await signIn(server, { role: 'owner', appid: null });
  return async (name: OperationName, input: object = {}) => {
    const { status, data } = await owner.call(name, input);
    assert.equal(status, 200, `${name}: ${JSON.stringify(data)}`);
    return data;
  };
}

/** Starts two servers that have the pack `thumbnail`, and enrols persons for appids of both workers. */
async function begin(context: TestContext, name: string) {
  await using starting = new AsyncDisposableStack();
  const url = await makeSpread(cluster, name);
  const servers: TestApp[] = [];
  for (let i = 0; i < 2; i++) {
    const folder = await installed(context, 'thumbnail');
    servers.push(starting.use(await startApp({ database: url, workers: 1 }, {}, folder)));
  }
  const [server] = servers as [TestApp];
  const appids = await tenantsApart(cluster, url, server.app.stores);
  const pair = new Pair(servers);
  const pictures = await portraits();
  const [ada, bob] = pictures as [Buffer, Buffer];
  for (const appid of appids) {
    for (const [person_id, image] of Object.entries({ ada, bob })) {
      await pair.call(appid, 'newperson', { person_id, group_ids, image: image.toString('base64') });
    }
  }
  const ask = await signedIn(server);
  const started = starting.move();
  return { server, pair, appids, pictures, ask, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function assertUnbroken(server: TestApp): Promise<void> {
  const chains = await Array.fromAsync(server.app.stores.audit.reader.verify());
  assert.ok(chains.length > 2);
  assert.deepEqual(
    chains.filter(({ broken }) => broken !== undefined),
    [],
  );
}

test('a register that is spread is upgraded to another pack and back, for the appids of every worker', {
  skip,
}, async (context) => {
  await using register = await begin(context, 'upgraded');
  const { server, pair, appids, pictures, ask } = register;
  const [ada, , carl] = pictures as [Buffer, Buffer, Buffer];
  const before = await Promise.all(appids.map((appid) => pair.identify(appid, ada)));
  assert.deepEqual((await ask('models.plan', { pack: 'thumbnail' })).faces, 4);
  await ask('models.upgrade', { pack: 'thumbnail' });
  await until(server, isInUse('thumbnail'));
  for (const appid of appids) {
    await pair.call(appid, 'newperson', { person_id: 'carl', group_ids, image: carl.toString('base64') });
    assert.deepEqual((await pair.identify(appid, carl))[0], 'carl');
    assert.deepEqual([...(await pair.identify(appid, ada))].sort(), ['ada', 'bob', 'carl']);
  }
  assert.deepEqual(await ask('models.revert'), { pack: 'builtin' });
  await until(server, isInUse('builtin'));
  for (const [i, appid] of appids.entries()) {
    assert.deepEqual((await pair.identify(appid, ada))[0], before[i]![0]);
    assert.deepEqual((await pair.identify(appid, carl))[0], 'carl');
  }
  assert.deepEqual(await ask('models.prune'), { packs: ['thumbnail'], embeddings: 6 });
  for (const appid of appids) assert.deepEqual((await pair.identify(appid, ada))[0], 'ada');
  await assertUnbroken(server);
});

test('a register that is spread is checked, and what is proposed is done and undone', { skip }, async (context) => {
  await using register = await begin(context, 'checked');
  const { server, pair, appids, pictures, ask } = register;
  const [ada] = pictures as [Buffer];
  for (const appid of appids) {
    await pair.call(appid, 'newperson', { person_id: 'ada2', group_ids, image: ada.toString('base64') });
    await ask('check.run', { appid });
    while ((await ask('check.progress', { appid })).state === 'running') await setTimeout(20);
    assert.equal((await ask('check.progress', { appid })).state, 'done');
    const { proposals } = await ask('check.list', { appid });
    const double = proposals.find(({ finding }: { finding: { kind: string } }) => finding.kind === 'double');
    assert.deepEqual([...double.finding.persons].sort(), ['ada', 'ada2']);
    const { correction: id } = await ask('check.accept', { appid, id: double.id, to: 'ada' });
    assert.equal((await pair.call(appid, 'getfaceids', { person_id: 'ada' })).face_ids.length, 2);
    assert.deepEqual([...(await pair.identify(appid, ada))].sort(), ['ada', 'bob']);
    await ask('persons.undo', { appid, id });
    assert.deepEqual([...(await pair.identify(appid, ada))].sort(), ['ada', 'ada2', 'bob']);
    await ask('persons.correct', { appid, correction: { kind: 'rename', from: 'ada2', to: 'eve' } });
    assert.deepEqual([...(await pair.identify(appid, ada))].sort(), ['ada', 'bob', 'eve']);
  }
  await assertUnbroken(server);
});
