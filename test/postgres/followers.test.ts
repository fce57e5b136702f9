/** Changes of the feed are kept for every server that follows it, and for no longer than that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Stores } from '../../src/store/open.ts';
import { changesSince, limits, person } from '../store/fixtures.ts';
import { type PostgresHome, postgresHome } from './home.ts';

const model = 'sha256:0';

/** Makes changes: a person joins as many groups. */
async function makeChanges(stores: Stores, count: number): Promise<void> {
  await stores.of('1001').insertPerson(person('p'));
  for (let i = 1; i <= count; i++) await stores.of('1001').joinGroups('p', [`g${i}`], limits);
}

/** Begins to follow as an index does: it asks for the position, and then reads what there is. */
async function follow(stores: Stores) {
  const feed = stores.feedOf('1001');
  const position = await feed.position();
  await Array.fromAsync(feed.contents(model, 100));
  return { feed, position };
}

/** How many changes are kept. */
async function kept(home: PostgresHome): Promise<unknown> {
  return (await home.ask('select count(*)::int as changes from changes'))[0]?.changes;
}

test('PostgreSQL: changes are kept for the slowest of the servers that follow, and pruned by the last', async () => {
  await using home = await postgresHome();
  await using one = await home.open();
  await using other = await home.open();
  const [fast, slow] = [await follow(one), await follow(other)];
  await makeChanges(one, 5);
  await fast.feed.prune(5);
  assert.equal((await changesSince(slow.feed, slow.position, model))?.changes.length, 5);
  await slow.feed.prune(3);
  assert.equal(await kept(home), 2);
  await slow.feed.prune(5);
  assert.equal(await kept(home), 0);
});

test('PostgreSQL: a server that gave no sign for a minute keeps no changes, and begins anew when it is back', async () => {
  await using home = await postgresHome();
  await using one = await home.open();
  await using other = await home.open();
  const [fast, slow] = [await follow(one), await follow(other)];
  await makeChanges(one, 5);
  await home.ask(`update servers set seen_at = now() - interval '61 seconds'`);
  await fast.feed.prune(5);
  assert.equal(await kept(home), 0);
  assert.equal(await changesSince(slow.feed, slow.position, model), undefined);
});

test('PostgreSQL: for a slow server 100,000 changes are kept and no more', async () => {
  await using home = await postgresHome();
  await using one = await home.open();
  await using other = await home.open();
  const [fast, slow] = [await follow(one), await follow(other)];
  await makeChanges(one, 1);
  await home.ask(`
    insert into changes select '1001', n, 'removeFace', '', n::text, '' from generate_series(2, 100010) as n;
    update registries set changes = 100010`);
  await fast.feed.prune(100_010);
  assert.equal(await kept(home), 100_000);
  assert.equal(await changesSince(slow.feed, slow.position, model), undefined);
  for await (const batch of slow.feed.since(10, model)) {
    assert.equal(batch?.position, 60, 'what is kept can be followed');
    break;
  }
});

test('PostgreSQL: servers are listed while they live, and those that died are struck out by the others', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using home = await postgresHome();
  await using one = await home.open();
  const listed = async () => (await home.ask('select count(*)::int as servers from servers'))[0]?.servers;
  {
    await using other = await home.open();
    await follow(other);
    await follow(one);
    assert.equal(await listed(), 2);
  }
  assert.equal(await listed(), 1, 'one has left');
  // A server that died, and one whose last sign is younger than a minute, whatever the clocks of other machines say.
  await home.ask(`insert into servers values ('dead', now() - interval '61 seconds'), ('slow', now() - interval '50 seconds');
    insert into followers values ('1001', 'dead', 1)`);
  await home.ask(`update servers set seen_at = now() - interval '9 seconds' where id not in ('dead', 'slow')`);
  t.mock.timers.tick(10_000);
  const rows = () => home.ask(`select id, extract(epoch from now() - seen_at)::int as age from servers order by age`);
  for (let tries = 0; (await listed()) !== 2; tries++) {
    assert.ok(tries < 1_000, 'the dead one is still listed');
    await setTimeout(5);
  }
  const [beating, slow] = await rows();
  assert.deepEqual([beating?.age, slow?.id], [0, 'slow']);
  assert.deepEqual(await home.ask(`select 1 from followers where server = 'dead'`), []);
});

test('PostgreSQL: a server that starts deletes the changes that nobody follows, and no others', async () => {
  await using home = await postgresHome();
  {
    await using one = await home.open();
    await makeChanges(one, 5);
    await using _other = await home.open();
    assert.equal(await kept(home), 5);
  }
  await using _later = await home.open();
  assert.equal(await kept(home), 0);
});

test('PostgreSQL: what one server changes another one looks at, and again after it lost its connection', async () => {
  await using home = await postgresHome();
  await using one = await home.open();
  await using other = await home.open();
  let woken = Promise.withResolvers<string>();
  other.watch(async (appid) => woken.resolve(appid));
  /** Changes a registry until the other server looks at it. */
  const changeUntilWoken = async (appid: string): Promise<void> => {
    woken = Promise.withResolvers();
    let changes = 0;
    await one.of(appid).insertPerson(person('p'));
    const change = () => one.of(appid).updatePerson('p', { tag: `${++changes}` });
    const timer = setInterval(() => void change().catch(() => {}), 50);
    assert.equal(await woken.promise, appid);
    clearInterval(timer);
  };
  await changeUntilWoken('1001');
  const ended = await home.ask(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'listen%'`);
  assert.equal(ended.length, 1);
  await changeUntilWoken('1002');
});

test('PostgreSQL: a server that is far behind reads the changes in parts, and all of them', async () => {
  await using home = await postgresHome();
  await using stores = await home.open();
  await makeChanges(stores, 3);
  await home.ask(`
    insert into changes select '1001', n, 'removeFace', '', n::text, '' from generate_series(4, 4500) as n;
    update registries set changes = 4500`);
  const batch = await changesSince(stores.feedOf('1001'), 1, model);
  assert.equal(batch?.position, 4_500);
  assert.deepEqual(
    batch.changes.map((change) => ('faceId' in change ? change.faceId : '')),
    ['', '', ...Array.from({ length: 4_497 }, (_, i) => `${i + 4}`)],
  );
});
