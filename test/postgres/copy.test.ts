/** A register is copied from any place to any other while it is used, and nothing of it is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Store } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { runHere } from '../cli/terminal.ts';
import { root } from '../harness.ts';
import { createRandom } from '../random.ts';
import { call, face, idsOf, limits, person, registerWithFace, reportMonth } from '../store/fixtures.ts';
import { borrowDatabase } from './lend.ts';

/** A place for a register. */
interface Ground {
  /** As `--from` and `--to` name it. */
  readonly name: string;
  open(): Promise<Stores>;
}

/** Places of one test; gone when disposed of. */
async function makeGrounds(...kinds: readonly ('folder' | 'database')[]) {
  await using making = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'familiar-copy-'));
  making.defer(() => rm(folder, { recursive: true }));
  const grounds: Ground[] = [];
  for (const [i, kind] of kinds.entries()) {
    const data = join(folder, `data${i}`);
    const database = kind === 'database' ? making.use(await borrowDatabase()).url : '';
    // Where servers of a database look for its key: beside their data folder.
    const flags = kind === 'database' ? { database, data: join(folder, 'data0') } : { data };
    grounds.push({ name: database || data, open: () => openData(readSettings(flags, undefined, {})) });
  }
  const made = making.move();
  const copy = (from: Ground, to: Ground, ...words: readonly string[]) =>
    runHere('copy', '--data', join(folder, 'data0'), '--from', from.name, '--to', to.name, ...words);
  return { folder, grounds, copy, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

const key = { secretId: 'k', appid: '1001', secretKey: 'hush', createdAt: 1, revokedAt: null };
const digest = new Uint8Array(32).fill(9);

async function fill(stores: Stores): Promise<void> {
  await stores.keys.addKey(key, ['album']);
  await stores.keys.addKey({ ...key, secretId: 'revoked' }, []);
  await stores.keys.revokeKey('revoked', 5);
  assert.equal(await stores.keys.spendSignature('1001', digest), true);
  await stores.usage.count(call);
  for (const appid of ['1001', '1002']) {
    for (let i = 0; i < 120; i++) await registerWithFace(stores.of(appid), `人${i}`, `g${i % 7}`, `${appid}${i}`);
    await stores.of(appid).updatePerson('人1', { name: '张三', tag: 't' });
    await stores.of(appid).insertFace(face(`${appid}x`, '人1'), limits);
    await stores.of(appid).joinGroups('人1', ['last', 'g2'], limits);
  }
}

/** Everything that an appid's registry says. */
async function everything(store: Store, persons = 120): Promise<unknown> {
  const people = [];
  for (let i = 0; i < persons; i++) {
    const details = await store.findDetails(`人${i}`);
    if (details === undefined) continue;
    const faceIds = idsOf(details.faceIds);
    people.push({
      person: details.person,
      groups: idsOf(details.groupIds),
      faceIds,
      faces: (await store.findFaces(faceIds)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      crops: (await store.findCrops(faceIds)).map(({ crop }) => Buffer.from(crop).toString('base64')).sort(),
      embeddings: (await store.embeddingsOf(`人${i}`, 'sha256:0')).map(({ embedding }) => [...embedding]),
    });
  }
  const groups = (await store.groups()) === undefined ? [] : idsOf((await store.groups())!);
  const members = [];
  for (const group of groups) members.push(idsOf((await store.membersOf(group))!));
  return { people, groups, members };
}

async function assertSame(source: Stores, target: Stores, persons?: number): Promise<void> {
  assert.deepEqual(await target.appids(), await source.appids());
  for (const appid of await source.appids()) {
    assert.deepEqual(await everything(target.of(appid), persons), await everything(source.of(appid), persons), appid);
  }
}

for (const [name, kinds] of [
  ['a register that is moved into a database and back is the same in the end', ['folder', 'database', 'folder']],
  [
    'a register that is moved from database to database, and on to a folder, is the same',
    ['folder', 'database', 'database', 'folder'],
  ],
] as const) {
  test(name, async () => {
    await using all = await makeGrounds(...kinds);
    const { grounds } = all;
    let before: Ground = grounds[0]!;
    await using original = new AsyncDisposableStack();
    const first = original.use(await before.open());
    await fill(first);
    const expected = [await everything(first.of('1001')), await everything(first.of('1002'))];
    const usage = await reportMonth(first.usage);
    for (const next of grounds.slice(1)) {
      const { exitCode, output, errors } = await all.copy(before, next);
      assert.equal(exitCode, 0, errors);
      assert.match(output, /^1001 {2}120 persons {2}121 faces {2}sha256 [0-9a-f]{64}\n1002 {2}120 persons/);
      assert.match(output, /takes no calls any more/);
      await assert.rejects(
        before.open(),
        /it was moved to .*: use that, or have this one taken up again with `familiar copy reopen`/,
      );
      await using stores = await next.open();
      assert.deepEqual([await everything(stores.of('1001')), await everything(stores.of('1002'))], expected);
      assert.equal((await stores.keys.findKey('k'))?.secretKey, 'hush');
      assert.deepEqual(
        (await stores.keys.listKeys()).map(({ secretId, revokedAt }) => [secretId, revokedAt]),
        [
          ['k', null],
          ['revoked', 5],
        ],
      );
      assert.deepEqual((await stores.keys.findTenant('1001'))?.buckets, ['album']);
      assert.equal(await stores.keys.spendSignature('1001', digest), false);
      assert.deepEqual(await reportMonth(stores.usage), usage);
      // The feed goes on where it was, and the counts of what is kept are right.
      const position = await stores.feedOf('1001').position();
      await registerWithFace(stores.of('1001'), 'later', 'g1', 'later');
      assert.ok((await stores.feedOf('1001').position()) > position);
      assert.ok((await stores.of('1001').deletePerson('later')) !== false);
      before = next;
    }
    // A server that has the first one open refuses every call.
    await setTimeout(600);
    await assert.rejects(
      first.keys.findKey('k'),
      (error) => error instanceof Refusal && error.refusal === 'unavailable',
    );
    await assert.rejects(first.check(), /it was moved to/);
  });
}

test('a key stays encrypted in each place with the master key of that place, and a wrong place is refused', async () => {
  await using all = await makeGrounds('folder', 'folder', 'database', 'folder');
  const {
    folder,
    grounds: [from, to, database, other],
    copy,
  } = all;
  await using stores = await from!.open();
  await fill(stores);
  const nextKey = join(folder, 'next.key');
  await writeFile(nextKey, `${Buffer.alloc(32, 3).toString('base64')}\n`, { mode: 0o600 });
  assert.equal((await copy(from!, to!, '--keep-source', '--to-master-key-file', nextKey)).exitCode, 0);
  {
    await using copied = await openData(readSettings({ data: to!.name, masterKeyFile: nextKey }, undefined, {}));
    await assertSame(stores, copied);
  }
  // The first one goes on.
  await registerWithFace(stores.of('1001'), '人121', 'g1', 'more');
  const { errors } = await copy(from!, to!, '--to-master-key-file', nextKey);
  assert.match(errors, /holds a register already: a register is copied into an empty folder or database/);
  assert.match((await copy(other!, database!)).errors, /data3\/familiar\.db: there is no register in it/);
  assert.match((await copy(from!, from!)).errors, /is both ends of the copy/);
  assert.equal((await runHere('copy', '--from', from!.name)).exitCode, 2);
  const reopened = await runHere('copy', 'reopen', '--data', from!.name);
  assert.equal(reopened.errors, '');
  assert.match(reopened.output, /was not moved; nothing was done/);
});

/** Writes without a pause until it is refused, and tells how much was answered. */
async function writeUntilRefused(stores: Stores, random: () => number): Promise<number> {
  let answered = 0;
  const pick = (count: number): number => Math.floor(random() * count);
  for (let i = 0; ; i++) {
    const store = stores.of(pick(2) === 0 ? '1001' : '1002');
    const id = `人${pick(200)}`;
    try {
      switch (pick(6)) {
        case 0:
          await store.write(async (inner) => {
            if (!(await inner.insertPerson(person(id)))) return;
            await inner.joinGroups(id, [`g${pick(9)}`], limits);
            await inner.insertFace(face(`n${i}`, id), limits);
          });
          break;
        case 1:
          await store.deletePerson(id);
          break;
        case 2:
          await store.updatePerson(id, { name: `${i}` });
          break;
        case 3:
          if ((await store.findPerson(id)) !== undefined)
            await store.joinGroups(id, [`g${pick(9)}`], limits).catch(ignoreUnknown);
          break;
        case 4:
          await store.leaveGroups(id, [`g${pick(9)}`]);
          break;
        default: {
          const faces = await store.facesOf(id);
          if (faces !== undefined && idsOf(faces).length > 1) await store.deleteFaces(id, idsOf(faces).slice(0, 1));
          else if (faces !== undefined) await store.insertFace(face(`m${i}`, id), limits).catch(ignoreUnknown);
        }
      }
      answered += 1;
    } catch (error) {
      if (
        error instanceof Refusal &&
        error.refusal === 'storageFailed' &&
        /takes no writes/.test(String((error.cause as Error)?.message))
      )
        return answered;
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function ignoreUnknown(error: unknown): void {
  if (/takes no writes/.test(String(((error as Error).cause as Error)?.message))) throw error;
}

for (const [name, kinds] of [
  ['what is written to a folder while it is moved is in the database if it was answered', ['folder', 'database']],
  ['what is written to a database while it is moved is in the folder if it was answered', ['database', 'folder']],
] as const) {
  test(name, async () => {
    await using all = await makeGrounds(...kinds);
    const [from, to] = all.grounds;
    await using stores = await from!.open();
    await fill(stores);
    const writing = writeUntilRefused(stores, createRandom(kinds[0].length));
    const { exitCode, errors } = await all.copy(from!, to!);
    assert.equal(exitCode, 0, errors);
    assert.ok((await writing) > 5);
    await using copied = await to!.open();
    await assertSame(stores, copied, 200);
  });
}

test('a copy that is killed at any point goes on, and the copy cannot be used before it is whole', async () => {
  await using all = await makeGrounds('folder', 'database');
  const [from, to] = all.grounds;
  await using stores = await from!.open();
  await fill(stores);
  const random = createRandom(7);
  const words = ['src/main.ts', 'copy', '--data', from!.name, '--from', from!.name, '--to', to!.name];
  let isDone = false;
  for (let round = 0; round < 6 && !isDone; round++) {
    const child = spawn(process.execPath, words, { cwd: root, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const timer = setTimeout(500 + random() * 700, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
    const [code] = await ended;
    await timer;
    isDone = code === 0;
    if (isDone) break;
    // Whoever looks meanwhile finds the first one as it was, and no second one.
    await registerWithFace(stores.of('1001'), `人${150 + round}`, 'g1', `k${round}`).catch((error) =>
      assert.match(String(error.cause), /takes no writes/),
    );
    if (await isBegun(to!.name)) await assert.rejects(to!.open(), /is not whole yet/);
  }
  if (!isDone) {
    const { exitCode, errors } = await all.copy(from!, to!);
    // It may have been killed when all was done.
    assert.ok(exitCode === 0 || /it was moved to/.test(errors), errors);
  }
  await using copied = await to!.open();
  await assertSame(stores, copied, 200);
});

/** Whether a database holds a part of a copy. */
async function isBegun(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(`select 1 from copies where role = 'to'`)).rows.length > 0;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

test('a register that was moved is taken up again when it is asked for', async () => {
  await using all = await makeGrounds('folder', 'folder');
  const [from, to] = all.grounds;
  {
    await using stores = await from!.open();
    await fill(stores);
  }
  assert.equal((await all.copy(from!, to!)).exitCode, 0);
  await assert.rejects(from!.open(), /it was moved to/);
  const reopened = await runHere('copy', 'reopen', '--data', from!.name);
  assert.deepEqual([reopened.exitCode, reopened.errors], [0, '']);
  assert.match(reopened.output, /takes calls and writes again/);
  await using stores = await from!.open();
  await registerWithFace(stores.of('1001'), 'again', 'g', 'again');
  assert.equal((await stores.keys.findKey('k'))?.secretKey, 'hush');
  await using copied = await to!.open();
  const codesIn = async ({ audit }: Stores) =>
    (await audit.reader.newest({ appid: '', action: 'copy' }, 10)).map(({ code }) => code);
  assert.deepEqual([await codesIn(stores), await codesIn(copied)], [[null], [null, 0]]);
  for (const { audit } of [stores, copied])
    for await (const { broken } of audit.reader.verify()) assert.equal(broken, undefined);
});
