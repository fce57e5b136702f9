/** Lists of ids, as the database encodes them and where it reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdList } from '../../src/domain/stores.ts';
import { accepted } from '../../src/http/envelope.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { type Stores, storesOver } from '../../src/store/stores.ts';
import { masterKey } from '../master-key.ts';
import { idsOf, limits, listOf, person, registerWithFace } from './fixtures.ts';
import { type SqliteHome, sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

/** Opens stores that note each list that is read beside the main thread. */
async function openWatched({ file }: SqliteHome, beside: string[]): Promise<Stores> {
  let isBeside = false;
  const log = ({ query }: { readonly query: { readonly sql: string } }): void => {
    if (isBeside && query.sql.includes('json_group_array')) beside.push(query.sql);
  };
  const database = await openSqlite({ file, busyTimeoutMs: 5_000, log });
  const watched = new Proxy(database, {
    get(target, name) {
      isBeside = name === 'beside';
      return Reflect.get(target, name);
    },
  });
  return storesOver(watched, 30_000, { masterKey });
}

/** Every character that an id may hold, some in each id. */
function idsOfEveryCharacter(): readonly string[] {
  const allowed: string[] = [];
  for (let code = 0; code < 0x11000; code++) {
    const character = String.fromCodePoint(code);
    if (/^[^\s\p{Cc}/\\"']$/u.test(character) && character.isWellFormed()) allowed.push(character);
  }
  return Array.from({ length: Math.ceil(allowed.length / 30) }, (_, i) => allowed.slice(i * 30, i * 30 + 30).join(''));
}

test('a list is the JSON that JSON.stringify makes, whatever characters ids hold, wherever it is read', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const beside: string[] = [];
  await using stores = await openWatched(home, beside);
  const store = stores.of('1001');
  const ids = idsOfEveryCharacter();
  assert.ok(ids.length > 1_001);
  await store.insertPerson(person('p'));
  const isSame = (list: IdList | undefined, expected: readonly string[]): void => {
    assert.ok(list !== undefined);
    assert.equal(Buffer.from(list.json).toString(), JSON.stringify(expected));
    const data = { session_id: 's', person_ids: list, tag: undefined, n: 1 };
    const plain = accepted({ ...data, person_ids: expected });
    assert.deepEqual(Buffer.from(accepted(data)), Buffer.from(plain));
  };
  assert.equal(await store.groups(), undefined);
  isSame(await store.groupsOf('p'), []);
  for (const count of [1, 2, 1_000]) {
    await store.joinGroups('p', ids.slice(0, count), limits);
    isSame((await store.findDetails('p'))?.groupIds, ids.slice(0, count));
    isSame(await store.groupsOf('p'), ids.slice(0, count));
  }
  assert.equal(beside.length, 0, 'a short list takes no other thread');
  await store.joinGroups('p', ids, limits);
  isSame(await store.groupsOf('p'), ids);
  isSame(await store.groups(), ids);
  isSame((await store.findDetails('p'))?.groupIds, ids);
  assert.equal(beside.length, 3);
  const inWrite = await store.write((store) => store.groupsOf('p'));
  isSame(inWrite, ids);
});

test("a person with its faces and groups, a person's faces, a group and the groups are one statement each", {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  const queries: string[] = [];
  const log = ({ query }: { readonly query: { readonly sql: string } }): void => void queries.push(query.sql);
  await using stores = await storesOver(await openSqlite({ file: home.file, busyTimeoutMs: 5_000, log }), 30_000, {
    masterKey,
  });
  const store = stores.of('1001');
  await registerWithFace(store, 'p', 'g', '1');
  queries.length = 0;
  assert.deepEqual(await store.findDetails('p'), {
    person: person('p'),
    faceIds: listOf(['1']),
    groupIds: listOf(['g']),
  });
  assert.deepEqual(await store.facesOf('p'), listOf(['1']));
  assert.deepEqual(await store.membersOf('g'), listOf(['p']));
  assert.deepEqual(await store.groups(), listOf(['g']));
  assert.equal(queries.length, 4);
});

test('a snapshot with a long list in it is one, wherever it is read', { timeout }, async () => {
  await using home = await sqliteHome();
  const beside: string[] = [];
  await using stores = await openWatched(home, beside);
  const store = stores.of('1001');
  const ids = Array.from({ length: 1_001 }, (_, i) => `group-${i}`);
  for (const id of ['p', 'q']) await store.insertPerson(person(id));
  await store.joinGroups('p', ids, limits);
  const snapshots = Array.from({ length: 8 }, () =>
    store.read(async (snapshot) => {
      const found = await snapshot.findPerson('p');
      const groupIds = await snapshot.groupsOf('p');
      return [found !== undefined, idsOf(groupIds).length, idsOf(await snapshot.groups())?.length] as const;
    }),
  );
  await store.deletePerson('p');
  for (const snapshot of await Promise.all(snapshots)) {
    assert.ok(snapshot[0] ? snapshot[1] === 1_001 && snapshot[2] === 1_001 : snapshot[1] === 0, String(snapshot));
  }
  assert.ok(beside.length > 0);
});

test('whoever closes the stores does not wait for a list, and who waits for it is told', { timeout }, async () => {
  await using home = await sqliteHome();
  const stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const ids = Array.from({ length: 1_001 }, (_, i) => `group-${i}`);
  await store.joinGroups('p', ids, limits);
  const list = store.groupsOf('p').then(
    (ids) => idsOf(ids).length,
    () => 'refused',
  );
  await stores[Symbol.asyncDispose]();
  assert.ok([1_001, 'refused'].includes(await list));
  await assert.rejects(store.groupsOf('p'));
});
