/** What SQLite keeps of a registry's changes, seen where the port does not reach. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { type RecordedChange, RecordedChanges } from '../../src/store/feed/record.ts';
import { GrowthOfTransaction, grow } from '../../src/store/growth.ts';
import * as firstMigration from '../../src/store/migrations/0001-first.ts';
import * as secondMigration from '../../src/store/migrations/0002-changes.ts';
import { storesOver } from '../../src/store/stores.ts';
import type { Tables } from '../../src/store/tables.ts';
import { masterKey } from '../master-key.ts';
import { changesSince, face, limits, person } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

/** Writes changes as a transaction of a registry does. */
async function record(db: Kysely<Tables>, changes: readonly RecordedChange[]): Promise<void> {
  const recorded = new RecordedChanges();
  recorded.add(changes);
  await recorded.write(db, '1001', grow(db, '1001', new GrowthOfTransaction(), recorded.count));
}

test('however many changes a transaction makes, they are followed in their order', { timeout }, async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  await using stores = await storesOver(database, 30_000, { masterKey });
  const changes = Array.from({ length: 2_003 }, (_, i) => ({ kind: 'removeFace', faceId: `${i}` }) as const);
  await database.writer.transaction().execute(async (db) => {
    for (const part of [changes.slice(0, 3), [], changes.slice(3)]) await record(db, part);
  });
  const feed = stores.feedOf('1001');
  const last = changes.length;
  assert.deepEqual(await changesSince(feed, 0, 'm'), { position: last, changes });
  assert.deepEqual(await changesSince(feed, last, 'm'), { position: last, changes: [] });
  assert.equal(await changesSince(feed, last + 1, 'm'), undefined);
  const batches = await Array.fromAsync(feed.since(0, 'm'));
  assert.deepEqual(
    batches.map((batch) => [batch?.position, batch?.isLast]),
    [50, ...Array.from({ length: 9 }, (_, i) => 250 + 200 * i), 2_003].map((at) => [at, at === 2_003]),
  );
});

test('changes that are forgotten between two batches are told, not passed over', { timeout }, async () => {
  await using home = await sqliteHome();
  const database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  await using stores = await storesOver(database, 30_000, { masterKey });
  const changes = Array.from({ length: 60 }, (_, i) => ({ kind: 'removeFace', faceId: `${i}` }) as const);
  await database.writer.transaction().execute((db) => record(db, changes));
  const feed = stores.feedOf('1001');
  const batches: (number | undefined)[] = [];
  for await (const batch of feed.since(0, 'm')) {
    batches.push(batch?.position);
    await feed.prune(55);
  }
  assert.deepEqual(batches, [50, undefined]);
  assert.equal(await changesSince(feed, 54, 'm'), undefined);
  assert.equal((await changesSince(feed, 55, 'm'))?.changes.length, 5);
});

test('faces come with their embeddings in batches as they do alone, and without where they are erased', {
  timeout,
}, async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  for (let i = 0; i < 130; i++) {
    await store.insertFace(face(`${i}`, 'p'), { ...limits, facesPerPersonMax: 200 });
    if (i % 3 === 0) await store.joinGroups('p', [`g${i}`], limits);
  }
  const erased = ['7', '60', '129'];
  await store.deleteFaces('p', erased);
  const changes = (await changesSince(stores.feedOf('1001'), 0, 'sha256:0'))!.changes;
  const expected = new Map(
    (await store.embeddingsOf('p', 'sha256:0')).map(({ faceId, embedding }) => [faceId, embedding]),
  );
  assert.equal(expected.size, 127);
  const found = changes.flatMap((change) =>
    change.kind === 'insertFace' ? [[change.faceId, change.embedding] as const] : [],
  );
  assert.deepEqual(new Map(found), expected);
  assert.deepEqual(
    changes.slice(-3).map((change) => ('faceId' in change ? change.faceId : '')),
    erased,
  );
});

test('changes that a version before lists wrote are followed as they were meant', { timeout }, async () => {
  await using home = await sqliteHome();
  {
    await using database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
    const provider = { getMigrations: async () => ({ '0001': firstMigration, '0002': secondMigration }) };
    const { error } = await new Migrator({ db: database.writer, provider }).migrateToLatest();
    assert.equal(error, undefined);
  }
  // Whoever opens the stores alone forgets the changes.
  using older = new DatabaseSync(home.file);
  older.exec(`
    insert into registries values ('1001', 1, 2, 0);
    insert into changes values ('1001', 1, 'joinGroup', 'p', '', '组'), ('1001', 2, 'leaveGroup', 'p', '', '组')`);
  await using stores = await home.open();
  const changes = (await changesSince(stores.feedOf('1001'), 0, 'another model'))?.changes;
  assert.deepEqual(changes, [
    { kind: 'joinGroup', personId: 'p', groupId: '组' },
    { kind: 'leaveGroup', personId: 'p', groupId: '组' },
  ]);
});
