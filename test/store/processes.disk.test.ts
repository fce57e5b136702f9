/** What SQLite guarantees when processes die, when the disk is full, and when several share a file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsOf, reportMonth } from './fixtures.ts';
import { run, sqliteHome } from './sqlite-home.ts';

test('no line that another process tells is lost, however late it is read', async () => {
  await using home = await sqliteHome();
  const { told, code } = await run('recite', home.file, { readsLate: true });
  assert.equal(code, 0);
  assert.deepEqual(
    told,
    Array.from({ length: 20_000 }, (_, i) => `line ${i}`),
  );
});

test('a registration that was answered survives SIGKILL, and one that was not is whole or absent', async () => {
  await using home = await sqliteHome();
  const { told, signal } = await run('register', home.file, { linesMax: 200 });
  assert.equal(signal, 'SIGKILL');
  await using stores = await home.open();
  const store = stores.of('1001');
  const members = new Set(idsOf(await store.membersOf('g')));
  for (const id of told) assert.ok(members.has(id), `${id} was answered and is lost`);
  const [registrations] = await reportMonth(stores.usage);
  assert.equal(registrations?.ok, members.size, 'each is counted if it is there, and only then');
  for (const id of members) {
    assert.notEqual(await store.findPerson(id), undefined);
    assert.equal((await store.embeddingsOf(id, 'sha256:0')).length, 1);
  }
  const lines = await stores.audit.reader.newest({ appid: '1001' }, 100_000);
  const toldOf = lines.flatMap(({ ids }) => ids.persons?.map(({ id }) => id));
  assert.deepEqual(toldOf.toSorted(), [...members].toSorted(), 'each has its line if it is there, and only then');
  for await (const { broken } of stores.audit.reader.verify()) assert.equal(broken, undefined);
});

test('a count that was answered survives SIGKILL', async () => {
  await using home = await sqliteHome();
  const { told, signal } = await run('count', home.file, { linesMax: 200 });
  assert.equal(signal, 'SIGKILL');
  await using stores = await home.open();
  const [row] = await reportMonth(stores.usage);
  assert.ok(row !== undefined && row.ok >= told.length, `${told.length} were answered, ${row?.ok} are kept`);
});

test('processes that open one new file at once share it', async () => {
  await using home = await sqliteHome();
  const children = await Promise.all(Array.from({ length: 4 }, () => run('compete', home.file)));
  for (const { code } of children) assert.equal(code, 0);
  const ids = children.flatMap(({ told }) => told.map(Number));
  assert.deepEqual(
    ids.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('a write that the disk has no room for fails whole, and others work again once the log is emptied', async () => {
  await using home = await sqliteHome();
  const { told, code } = await run('fill', home.file, { blocksMax: 1_000 });
  assert.equal(code, 0);
  const [kept, [failure, refused, again]] = [told.slice(0, -3), told.slice(-3)];
  assert.equal(failure, 'storageFailed');
  await using stores = await home.open();
  const store = stores.of('1001');
  assert.ok(kept.length > 0);
  assert.deepEqual(idsOf(await store.membersOf('g')), [...kept, again]);
  assert.equal(await store.findPerson(refused!), undefined);
});
