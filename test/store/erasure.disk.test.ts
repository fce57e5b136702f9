/** What is erased leaves the disk. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { NewFace } from '../../src/domain/stores.ts';
import { Random } from '../random.ts';
import { call, changesSince, face, idsOf, limits, person, registerWithFace, storedBytes } from './fixtures.ts';
import { run, type SqliteHome, sqliteHome } from './sqlite-home.ts';

test('no byte of an erased embedding or crop stays on the disk, soon after and after closing', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  const faces = Array.from({ length: 60 }, (_, i) => face(String(i), String(i % 20)));
  for (let i = 0; i < 20; i++) await store.insertPerson(person(String(i)));
  for (const face of faces) await store.insertFace(face, limits);
  const traced = asStored(home, faces);
  assert.deepEqual(await namesOfTraced(home.folder, traced), names(faces));

  for (let i = 0; i < 5; i++) await store.deletePerson(String(i));
  await store.deleteFaces('5', ['5', '25']);
  const kept = faces.filter(({ id, personId }) => Number(personId) >= 5 && id !== '5' && id !== '25');
  await until(async () => (await namesOfTraced(home.folder, traced)).length <= kept.length);
  assert.deepEqual(await namesOfTraced(home.folder, traced), names(kept));

  for (let i = 5; i < 10; i++) await store.deletePerson(String(i));
  await stores[Symbol.asyncDispose]();
  assert.deepEqual(
    await namesOfTraced(home.folder, traced),
    names(faces.filter(({ personId }) => Number(personId) >= 10)),
  );
  assert.deepEqual(await readdir(home.folder), ['familiar-calls.sqlite', 'familiar.sqlite']);
});

test('no id of who was erased stays on the disk once the change is forgotten', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
  await registerWithFace(store, 'whoever-was-erased', 'the-group-of-one', 'the-erased-face');
  await store.updatePerson('whoever-was-erased', { tag: 't' });
  const ids = { persons: ['whoever-was-erased'], faces: [], groups: ['the-group-of-one'] };
  await stores.usage.count({ ...call, endpoint: 'delperson', code: -1303 }, { requestId: 'r', ids });
  await store.deletePerson('whoever-was-erased');
  assert.equal((await stores.audit.reader.newest({ appid: '1001', id: 'whoever-was-erased' }, 10)).length, 4);
  await feed.prune(await feed.position());
  const isKept = async (id: string) => (await filesOf(home.folder)).some((file) => file.includes(id));
  for (const id of ['whoever-was-erased', 'the-group-of-one', 'the-erased-face']) {
    await until(async () => !(await isKept(id)));
  }
});

test('whatever was erased is in no file once the stores are closed, however many come and go', async () => {
  await using home = await sqliteHome();
  const stores = await home.open();
  const store = stores.of('1001');
  const random = new Random(2026);
  const nameOf = (what: string, i: number) => `${what}-${createHash('sha256').update(`${what} ${i}`).digest('hex')}`;
  const there = new Set<number>();
  const gone: number[] = [];
  const stored = new Map<number, Stored>();
  for (let i = 0; i < 300; i++) {
    const id = nameOf('person', i);
    await store.write(async (store) => {
      await store.insertPerson({ id, name: nameOf('name', i), tag: nameOf('tag', i) });
      await store.joinGroups(id, [nameOf('group', i), nameOf('shared', i % 7)], limits);
      for (const n of [1, 2]) await store.insertFace(face(nameOf(`face${n}`, i), id), limits);
    });
    const faceId = nameOf('face1', i);
    stored.set(i, { id: faceId, bytes: storedBytes(home.file, faceId) });
    await store.updatePerson(id, { name: nameOf('later', i) });
    there.add(i);
    if (random.oneIn(2)) {
      const other = random.of([...there]);
      assert.equal(await store.deletePerson(nameOf('person', other)), true);
      there.delete(other);
      gone.push(other);
    }
  }
  await stores[Symbol.asyncDispose]();
  const kinds = ['person', 'name', 'tag', 'group', 'face1', 'face2', 'later'];
  const bytes = Buffer.concat(await filesOf(home.folder)).toString('latin1');
  const found = new Set(bytes.match(new RegExp(`(${kinds.join('|')})-[0-9a-f]{64}`, 'g')));
  const left = (text: string) => found.has(text);
  assert.deepEqual(gone.flatMap((i) => kinds.map((kind) => nameOf(kind, i))).filter(left), []);
  for (const i of there) assert.ok(left(nameOf('person', i)) && left(nameOf('later', i)));
  assert.deepEqual(
    await namesOfTraced(
      home.folder,
      gone.map((i) => stored.get(i)!),
    ),
    [],
  );
});

test('a process that follows the changes is not robbed of them when another closes the stores', async () => {
  await using home = await sqliteHome();
  await using follower = await home.open();
  const begin = await follower.feedOf('1001').position();
  const other = await home.open();
  await registerWithFace(other.of('1001'), 'p', 'g', '1');
  await other[Symbol.asyncDispose]();
  await (await home.open())[Symbol.asyncDispose]();
  assert.equal((await changesSince(follower.feedOf('1001'), begin, 'sha256:0'))?.changes.length, 2);
});

test('what is erased while a snapshot is held leaves the disk when it is let go', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const store = stores.of('1001');
  const only = face('1', 'p');
  await store.insertPerson(person('p'));
  await store.insertFace(only, limits);
  const traced = asStored(home, [only]);
  await store.read(async (snapshot) => {
    await snapshot.findPerson('p');
    await store.deletePerson('p');
    assert.deepEqual(idsOf(await snapshot.facesOf('p')), ['1']);
  });
  await until(async () => (await namesOfTraced(home.folder, traced)).length === 0);
});

test('what a process erased just before it died leaves the disk when the next one opens the file', async () => {
  await using home = await sqliteHome();
  const { signal, told } = await run('erase', home.file);
  assert.equal(signal, 'SIGKILL');
  const erased = { id: 'erased', bytes: told.map((line) => Buffer.from(line, 'base64')) };
  assert.deepEqual(await namesOfTraced(home.folder, [erased]), ['erased']);
  await using stores = await home.open();
  assert.equal(await stores.of('1001').findFace('erased'), undefined);
  assert.deepEqual(await namesOfTraced(home.folder, [erased]), []);
  const files = await filesOf(home.folder);
  assert.ok(!files.some((file) => file.includes('erased')), 'nor does the change that erased it');
});

/** A face, with its embedding and crop as they stood in the database: encrypted, so that a test cannot know them before. */
interface Stored {
  readonly id: string;
  readonly bytes: readonly Buffer[];
}

function asStored({ file }: SqliteHome, faces: readonly NewFace[]): readonly Stored[] {
  return faces.map(({ id }) => ({ id, bytes: storedBytes(file, id) }));
}

function names(faces: readonly { readonly id: string }[]): readonly string[] {
  return faces.map(({ id }) => id);
}

/** Which of the faces have left any trace in a folder: 16 bytes of the embedding or of the crop, wherever they were. */
async function namesOfTraced(folder: string, faces: readonly Stored[]): Promise<readonly string[]> {
  const files = await filesOf(folder);
  return names(faces.filter((face) => samples(face).some((sample) => files.some((file) => file.includes(sample)))));
}

async function filesOf(folder: string): Promise<readonly Buffer[]> {
  return Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
}

function samples({ bytes }: Stored): readonly Buffer[] {
  return bytes.flatMap((bytes) =>
    Array.from({ length: Math.floor(bytes.length / 256) }, (_, i) => bytes.subarray(i * 256, i * 256 + 16)),
  );
}

/** Waits for what must come soon. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'it did not come in ten seconds');
    await wait(50);
  }
}
