/** What the tests of storage write, and where. */
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Act, CountedCall, IdList, Limits, NewFace, Store, UsageLedger } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { lastDayOf } from '../../src/store/usage-report.ts';
import type { ChangeFeed, RegistryChange } from '../../src/sync/change-feed.ts';

/** A place of its own for one test's data; gone when disposed of. */
export interface Home extends AsyncDisposable {
  /** Opens the stores; more than once if asked. The caller disposes of them. */
  open(options?: { readonly transactionTimeoutMs?: number }): Promise<Stores>;
}

/** Limits that no test meets unless it sets its own. */
export const limits: Limits = { groupsMax: 5_000, personsPerGroupMax: 20_000, facesPerPersonMax: 20 };

/** A person with nothing but an id. */
export function person(id: string) {
  return { id, name: '', tag: '' };
}

/** A face of a person, with an embedding and a crop that depend on its id. */
export function face(id: string, personId: string): NewFace {
  const bytes = createHash('sha512').update(id).digest();
  return {
    id,
    personId,
    tag: '',
    box: { x: -1.25, y: 2, width: 100.5, height: 120.07 },
    attributes: { gender: 100, age: 30, expression: 0, glass: true, pitch: -3, yaw: 30, roll: 180 },
    model: 'sha256:0',
    embedding: Float32Array.from({ length: 128 }, (_, i) => (bytes[i % 64] ?? 0) / 255 - i / 1024),
    crop: Uint8Array.from({ length: 6_000 }, (_, i) => (bytes[i % 64] ?? 0) ^ (i >> 6)),
  };
}

/** A list of ids as stores give it. */
export function listOf(ids: readonly string[]): IdList {
  return { json: JSON.stringify(ids) };
}

/** The ids in a list; undefined for none. */
export function idsOf(list: IdList): readonly string[];
export function idsOf(list: IdList | undefined): readonly string[] | undefined;
export function idsOf(list: IdList | undefined): readonly string[] | undefined {
  if (list === undefined) return undefined;
  return JSON.parse(Buffer.from(list.json).toString()) as readonly string[];
}

/** The embedding and the crop of a face as they stand in a SQLite file. */
export function storedBytes(file: string, faceId: string): readonly Buffer[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare(
    'select embedding, crop from embeddings join crops using (appid, face_id) where face_id = ?',
  );
  return Object.values(row.get(faceId) ?? {}).map((bytes) => Buffer.from(bytes as Uint8Array));
}

/** An answered call. */
export const call: CountedCall = {
  appid: '1001',
  day: '2026-11-30',
  secretId: 'k',
  endpoint: 'detect',
  code: 0,
  pictures: 1,
  faces: 2,
};

/** The counts of a month by endpoint, that of {@link call} if absent. */
export function reportMonth(usage: Pick<UsageLedger, 'report'>, month = '2026-11', appid?: string) {
  return usage.report({ from: `${month}-01`, to: lastDayOf(month), appid, by: ['month', 'endpoint'] });
}

/** Who makes a call. */
export const act: Act = { kind: 'key', actor: 'AKID-of-a-test', action: 'newperson', requestId: 'request-1' };

/** Whether an error says that the database failed, and how. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof Refusal && error.refusal === 'storageFailed' && error.cause !== undefined;
}

/** Declares tests over stores that are opened for each and closed after it. */
export function guarantees<H extends Home>(database: string, makeHome: () => Promise<H>) {
  return (name: string, body: (stores: Stores, home: H) => Promise<void>): void => {
    test(`${database}: ${name}`, async () => {
      await using home = await makeHome();
      await using stores = await home.open();
      await body(stores, home);
    });
  };
}

/** Registers a person in a group, with a face. */
export async function registerWithFace(store: Store, personId: string, groupId: string, faceId: string): Promise<void> {
  await store.write(async (store) => {
    await store.insertPerson(person(personId));
    await store.joinGroups(personId, [groupId], limits);
    await store.insertFace(face(faceId, personId), limits);
  });
}

/** Everything that changed since a position, as one; undefined if that is no longer kept. */
export async function changesSince(
  feed: ChangeFeed,
  position: number,
  model: string,
): Promise<{ readonly position: number; readonly changes: readonly RegistryChange[] } | undefined> {
  const batches = await Array.fromAsync(feed.since(position, model));
  if (batches.includes(undefined)) return undefined;
  const changes = batches.flatMap((batch) => batch!.changes);
  return { position: batches.at(-1)?.position ?? position, changes };
}
