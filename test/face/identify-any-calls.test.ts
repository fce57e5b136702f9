/** After any calls the index holds what the database holds. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { RequestContext } from '../../src/domain/context.ts';
import { addFaces, deleteFaces, listFaces } from '../../src/domain/faces.ts';
import { joinGroups, leaveGroups } from '../../src/domain/groups.ts';
import { deletePerson, registerPerson } from '../../src/domain/persons.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { idsOf } from '../store/fixtures.ts';
import { sqliteHome } from '../store/sqlite-home.ts';
import { contextOf, embeddings, expected, follow, found, picture } from './indexed.ts';

const groupIds = ['g', '组', 'h'];
const personIds = ['a', 'b', '张三', 'd'];
const somePerson = fc.constantFrom(...personIds);
const someGroups = fc.subarray(groupIds, { minLength: 1 });
const someNumber = fc.nat(embeddings.length - 1);

/** A call of the domain. Faces are named by their place among the person's, since their ids are made anew. */
type Call = (context: RequestContext) => Promise<unknown>;
const someCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(somePerson, someGroups, someNumber).map(
      ([id, groups, number]): Call =>
        (context) =>
          registerPerson(context, { person: { id, name: '', tag: '' }, groupIds: groups, picture: picture(number) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(someNumber, { maxLength: 4 })).map(
      ([personId, numbers]): Call =>
        (context) =>
          addFaces(context, { personId, tag: '', pictures: numbers.map(picture) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(fc.nat(4), { minLength: 1, maxLength: 3 })).map(
      ([personId, places]): Call =>
        async (context) => {
          const faces = idsOf(await listFaces(context, personId));
          return deleteFaces(
            context,
            personId,
            places.map((place) => faces[place] ?? ''),
          );
        },
    ),
  },
  {
    weight: 2,
    arbitrary: somePerson.map(
      (id): Call =>
        (context) =>
          deletePerson(context, id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (context) =>
          joinGroups(context, id, groups),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (context) =>
          leaveGroups(context, id, groups),
    ),
  },
);

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

test('after any calls the index finds what the register holds, as one that is built anew does, for each appid apart', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const faults: unknown[] = [];
  await using sync = await follow(stores, faults);
  let runs = 0;
  const calls = fc.array(fc.tuple(fc.constantFrom('1', '2'), someCall), { maxLength: 30 });
  const property = fc.asyncProperty(calls, someGroups, async (calls, groups) => {
    runs += 1;
    const appids = { 1: `${runs}-1`, 2: `${runs}-2` } as Record<string, string>;
    for (const [i, [one, call]] of calls.entries()) {
      await unlessRefused(call(contextOf(stores, sync, appids[one]!)));
      if (i % 5 === 0) {
        const appid = appids[one]!;
        assert.deepEqual(await found(sync, appid, groups), await expected(stores, appid, groups));
      }
    }
    for (const appid of Object.values(appids)) {
      assert.deepEqual(await found(sync, appid, groupIds), await expected(stores, appid, groupIds));
    }
    if (runs % 10 !== 0) return;
    await using fresh = await follow(stores, faults);
    stores.watch((appid) => Promise.all([sync.notice(appid), fresh.notice(appid)]).then(() => {}));
    for (const appid of Object.values(appids)) {
      for (const groupId of groupIds) {
        assert.deepEqual(await found(fresh, appid, [groupId]), await found(sync, appid, [groupId]));
      }
    }
    stores.watch((appid) => sync.notice(appid));
  });
  await fc.assert(property, { numRuns: 50 });
  assert.deepEqual(faults, []);
});
