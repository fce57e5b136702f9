/** Places that registers are copied from and to, and what is in them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Store } from '../../src/domain/stores.ts';
import type { Stores } from '../../src/store/open.ts';
import { runHere } from '../cli/terminal.ts';
import { call, face, idsOf, limits, registerWithFace } from '../store/fixtures.ts';
import { borrowDatabase } from './lend.ts';

/** A place for a register. */
export interface Place {
  /** As `--from` and `--to` name it. */
  readonly name: string;
  open(): Promise<Stores>;
}

/** Places of one test; gone when disposed of. */
export async function makePlaces(...kinds: readonly ('folder' | 'database')[]) {
  await using making = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'familiar-copy-'));
  making.defer(() => rm(folder, { recursive: true }));
  const places: Place[] = [];
  for (const [i, kind] of kinds.entries()) {
    const data = join(folder, `data${i}`);
    const database = kind === 'database' ? making.use(await borrowDatabase()).url : '';
    // Where servers of a database look for its key: beside their data folder.
    const flags = kind === 'database' ? { database, data: join(folder, 'data0') } : { data };
    places.push({ name: database || data, open: () => openData(readSettings(flags, undefined, {})) });
  }
  const made = making.move();
  const copy = (from: Place, to: Place, ...words: readonly string[]) =>
    runHere('copy', '--data', join(folder, 'data0'), '--from', from.name, '--to', to.name, ...words);
  return { folder, places, copy, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

const key = { secretId: 'k', appid: '1001', secretKey: 'hush', createdAt: 1, revokedAt: null };
/** Of a signature that was spent. */
export const digest = new Uint8Array(32).fill(9);

/** Two appids of 120 persons each, keys, a signature that was spent and a call that was counted. */
export async function fill(stores: Stores): Promise<void> {
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
export async function everything(store: Store, persons = 120): Promise<unknown> {
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

/** @param persons how many there may be. */
export async function assertSame(source: Stores, target: Stores, persons?: number): Promise<void> {
  assert.deepEqual(await target.appids(), await source.appids());
  for (const appid of await source.appids()) {
    assert.deepEqual(await everything(target.of(appid), persons), await everything(source.of(appid), persons), appid);
  }
}
