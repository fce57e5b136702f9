/** Servers that write to one database at once leave what they would have left one after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import type { LogEvent } from 'kysely';
import type { Store } from '../../src/domain/stores.ts';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import { type Stores, storesOver } from '../../src/store/stores.ts';
import { masterKey } from '../master-key.ts';
import { face, idsOf, limits, person, reportMonth } from '../store/fixtures.ts';
import { MapStore } from '../store/map-store.ts';
import { anyCommand, type Command, outcome, view } from '../store/model.ts';
import { type PostgresHome, postgresHome } from './home.ts';

/** PostgreSQL's code for transactions that wait for each other. */
const deadlock = '40P01';

/**
 * Declares a test over one database and the stores of some servers over it.
 * @param body is given the codes of the statements that fail, too, as they come.
 */
function guarantee(
  name: string,
  body: (servers: readonly Stores[], home: PostgresHome, failures: readonly unknown[]) => Promise<void>,
): void {
  test(`PostgreSQL: ${name}`, async () => {
    await using home = await postgresHome();
    await using opened = new AsyncDisposableStack();
    const [servers, failures]: [Stores[], unknown[]] = [[], []];
    const log = (event: LogEvent): void => {
      if (event.level === 'error') failures.push((event.error as { readonly code?: string }).code);
    };
    for (let i = 0; i < 3; i++) {
      const database = await openPostgres({ url: home.url, log });
      servers.push(opened.use(await storesOver(database, 10_000, { masterKey })));
    }
    await body(servers, home, failures);
  });
}

guarantee('servers that write to one registry at once leave what one after the other would', async (servers) => {
  let appids = 0;
  // A view outside a transaction is many reads, between which others write.
  const command = anyCommand.filter(({ op }) => op !== 'view');
  const property = fc.asyncProperty(
    fc.array(command, { maxLength: 8 }),
    fc.array(command, { minLength: 2, maxLength: 4 }),
    async (before, atOnce) => {
      const appid = String(++appids);
      const stores = servers.map((server) => server.of(appid));
      for (const one of before) await outcome(stores[0]!, one);
      const found = await Promise.all(atOnce.map((one, i) => outcome(stores[i % stores.length]!, one)));
      const left = await view(stores[0]!);
      assert.ok(await someOrderGives(before, atOnce, found, left), JSON.stringify({ found, left }));
    },
  );
  await fc.assert(property, { numRuns: 25 });
});

/** Whether commands, given one after the other in some order, are answered like that and leave that. */
async function someOrderGives(
  before: readonly Command[],
  commands: readonly Command[],
  found: readonly unknown[],
  left: unknown,
): Promise<boolean> {
  for (const order of ordersOf(commands.length)) {
    const store = new MapStore();
    for (const one of before) await outcome(store, one);
    const expected: unknown[] = [];
    for (const i of order) expected[i] = await outcome(store, commands[i]!);
    if (isEqual([found, left], [expected, await view(store)])) return true;
  }
  return false;
}

function ordersOf(length: number): number[][] {
  if (length === 0) return [[]];
  return ordersOf(length - 1).flatMap((order) => Array.from({ length }, (_, at) => order.toSpliced(at, 0, length - 1)));
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

guarantee(
  'persons join the same groups in any order, and no transaction waits in a circle',
  async (servers, _home, failures) => {
    const ids = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const register = async (store: Store, id: string, groupIds: readonly string[]): Promise<void> =>
      store.write(async (inner) => {
        await inner.insertPerson(person(id));
        for (const groupId of groupIds) await inner.joinGroups(id, [groupId], limits);
        await inner.insertFace(face(id, id), limits);
      });
    const persons = Array.from({ length: 12 }, (_, i) => String(i));
    await Promise.all(
      persons.map((id, i) => register(servers[i % 3]!.of('1001'), id, i % 2 === 0 ? ids : ids.toReversed())),
    );
    for (const groupId of ids)
      assert.equal(idsOf((await servers[0]!.of('1001').membersOf(groupId))!).length, persons.length);
    assert.equal(await servers[0]!.feedOf('1001').position(), persons.length * (ids.length + 1));
    assert.deepEqual(failures, []);
  },
);

guarantee('limits hold, and no two faces or groups have one place, whichever servers write', async (servers, home) => {
  const stores = servers.map((server) => server.of('1001'));
  await stores[0]!.insertPerson(person('p'));
  const small = { ...limits, facesPerPersonMax: 7, groupsMax: 5 };
  const numbers = Array.from({ length: 24 }, (_, i) => i);
  const added = await Promise.all(numbers.map((i) => stores[i % 3]!.insertFace(face(String(i), 'p'), small)));
  assert.equal(added.filter(Boolean).length, 7);
  const joined = await Promise.all(numbers.map((i) => stores[i % 3]!.joinGroups('p', [`g${i}`], small)));
  assert.equal(joined.filter((one) => 'joined' in one).length, 5);
  for (const [table, column] of [
    ['faces', 'ordinal'],
    ['groups', 'ordinal'],
    ['memberships', 'group_ordinal'],
  ] as const) {
    const places = await home.ask(`select ${column} as place from ${table} order by 1`);
    assert.equal(new Set(places.map(({ place }) => place)).size, places.length, table);
  }
  assert.equal(idsOf(await stores[0]!.facesOf('p'))!.length, 7);
});

guarantee('a transaction that waits in a circle is run again', async ([server], home, failures) => {
  const store = server!.of('1001');
  // PostgreSQL ends whichever of the two has waited for long when it looks: seldom, the test's own.
  for (let tries = 0; failures.length === 0; tries++) {
    assert.ok(tries < 20, 'the server is never the one that is ended');
    await store.insertPerson(person('p'));
    await home.ask(`begin; select 1 from persons where person_id = 'p' for update`);
    const erasing = store.deletePerson('p');
    while (!(await isWaiting(home))) await setTimeout(5);
    await home.ask(`select 1 from registries where appid = '1001' for update`).catch((error) => {
      assert.equal(error.code, deadlock);
    });
    await home.ask('rollback');
    assert.equal(await erasing, true);
  }
  assert.deepEqual(failures, [deadlock]);
});

/** Whether a transaction waits for a lock. */
async function isWaiting(home: PostgresHome): Promise<boolean> {
  const [row] = await home.ask(`select count(*)::int as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`);
  return row?.waiting !== 0;
}

guarantee('of servers that add keys at once, each is told whether its key is there', async (servers, home) => {
  const key = { appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
  const first = await Promise.all(servers.map(({ keys }, i) => keys.addKey({ ...key, secretId: `f${i}` }, [], true)));
  assert.equal(first.filter(Boolean).length, 1);
  const same = await Promise.all(servers.map(({ keys }) => keys.addKey({ ...key, secretId: 'same' }, ['b'])));
  assert.equal(same.filter(Boolean).length, 1);
  const others = await Promise.all(
    servers.map(({ keys }, i) => keys.addKey({ ...key, secretId: `o${i}`, appid: `${i}` }, [])),
  );
  assert.deepEqual(others, [true, true, true]);
  assert.equal((await servers[0]!.keys.listKeys()).length, 5);
  assert.deepEqual(
    await home.ask('select ordinal from keys order by ordinal'),
    [1, 2, 3, 4, 5].map((ordinal) => ({ ordinal })),
  );
});

guarantee('a data key that is made while the master key changes is lost to nobody', async (servers, home) => {
  const next = new MasterKey(Buffer.alloc(32, 9), 'the test');
  const store = servers[1]!.of('1001');
  await home.ask(`begin; select 1 from master_keys for update`);
  // The first write of an appid makes its data key.
  const adding = store
    .write(async (store) => {
      await store.insertPerson(person('p'));
      await store.insertFace(face('1', 'p'), limits);
    })
    .then(
      () => 'added',
      () => 'refused',
    );
  while (!(await isWaiting(home))) await setTimeout(5);
  const rotating = servers[0]!.rotateMasterKey(next);
  await setTimeout(50);
  await home.ask('rollback');
  await rotating;
  const found = await servers[0]!.of('1001').embeddingsOf('p', 'sha256:0');
  assert.equal(found.length, (await adding) === 'added' ? 1 : 0);
});

guarantee('signatures are spent once and calls are counted, whichever server is asked', async (servers) => {
  const digests = Array.from({ length: 20 }, (_, i) => Uint8Array.from({ length: 32 }, () => i));
  const spent = await Promise.all(
    digests.flatMap((digest) => servers.map(({ keys }) => keys.spendSignature('1001', digest))),
  );
  assert.equal(spent.filter(Boolean).length, digests.length);
  const call = { appid: '1001', day: '2026-11-30', secretId: 'k', code: 0, pictures: 1, faces: 2 };
  const endpoints = ['detect', 'compare', 'verify', 'identify'];
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => servers[i % 3]!.usage.count({ ...call, endpoint: endpoints[(i * 7) % 4]! })),
  );
  const rows = await reportMonth(servers[0]!.usage);
  assert.deepEqual(
    rows.map(({ ok }) => ok),
    [75, 75, 75, 75],
  );
});
