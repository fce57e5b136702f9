/** What pages of a registry show to people who look through it, whichever the database is. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { actingAs } from '../../src/store/audit/act.ts';
import type { Stores } from '../../src/store/open.ts';
import type { Page } from '../../src/store/pages/page.ts';
import { namesPerLook, type PersonCursor, type PersonSearch } from '../../src/store/pages/persons.ts';
import { act, changesSince, face, guarantees, type Home, limits, person, registerWithFace } from './fixtures.ts';

/** Texts that begin alike and end at the edges of Unicode. */
const anyText = fc.string({
  unit: fc.constantFrom('a', 'b', '人', '\u{d7ff}', '\u{e000}', '\u{10ffff}', '😀'),
  maxLength: 4,
});
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Goes through all pages of a list and back again: the items of both ways. */
async function walk<Item, Cursor>(
  read: (cursor: Cursor | undefined, isBackward: boolean) => Promise<Page<Item, Cursor>>,
): Promise<readonly [forth: readonly Item[], back: readonly Item[]]> {
  const [forth, back]: [Item[], Item[]] = [[], []];
  let page = await read(undefined, false);
  assert.equal(page.previous, undefined);
  for (;;) {
    forth.push(...page.items);
    if (page.next === undefined) break;
    page = await read(page.next, false);
  }
  for (;;) {
    back.unshift(...page.items);
    if (page.previous === undefined) break;
    page = await read(page.previous, true);
    assert.notEqual(page.next, undefined);
  }
  return [forth, back];
}

/** Declares the tests of one database. */
export function pagesSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  const idsOf = async (stores: Stores, search: PersonSearch, count: number) => {
    const pages = stores.pagesOf('1001');
    const [forth, back] = await walk((cursor: PersonCursor | undefined, isBackward) =>
      pages.persons(search, { cursor, isBackward, count }),
    );
    assert.deepEqual(forth, back);
    return forth.map(({ id }) => id);
  };

  guarantee(
    'pages of persons show each once and in order, of all or of those that begin with a text',
    async (stores) => {
      const [store, other] = [stores.of('1001'), stores.of('1002')];
      const persons = new Map<string, string>();
      await fc.assert(
        fc.asyncProperty(anyText, anyText, async (id, name) => {
          if (id === '' || persons.has(id)) return;
          persons.set(id, name);
          await store.insertPerson({ ...person(id), name });
          await other.insertPerson({ ...person(id), name: 'another appid' });
          if (persons.size % 2 === 0) await store.joinGroups(id, ['even'], limits);
        }),
        { numRuns: 60 },
      );
      const ids = [...persons.keys()].toSorted(byBytes);
      const names = [...persons].toSorted(([a, x], [b, y]) => byBytes(x, y) || byBytes(a, b));
      const even = new Set([...persons.keys()].filter((_, i) => i % 2 === 1));
      for (const prefix of ['', 'a', 'ab', '人', '\u{d7ff}', '\u{10ffff}', '😀', 'a\u{10ffff}', 'none']) {
        const found = ids.filter((id) => id.startsWith(prefix));
        assert.deepEqual(await idsOf(stores, { by: 'id', prefix }, 3), found, prefix);
        const members = found.filter((id) => even.has(id));
        assert.deepEqual(await idsOf(stores, { by: 'id', prefix, groupId: 'even' }, 2), members, prefix);
        const named = names.filter(([, name]) => name.startsWith(prefix)).map(([id]) => id);
        assert.deepEqual(await idsOf(stores, { by: 'name', prefix }, 4), named, prefix);
        const membersNamed = named.filter((id) => even.has(id));
        assert.deepEqual(await idsOf(stores, { by: 'name', prefix, groupId: 'even' }, 2), membersNamed, prefix);
      }
    },
  );

  guarantee('members are found by their names among many who are none', async (stores) => {
    const store = stores.of('1001');
    await store.write(async (store) => {
      for (let i = 0; i < namesPerLook * 2 + 10; i += 1) {
        await store.insertPerson({ ...person(`p${i}`), name: String(i).padStart(5, '0') });
      }
      for (const id of ['p3', `p${namesPerLook * 2}`]) await store.joinGroups(id, ['g'], limits);
    });
    const search: PersonSearch = { by: 'name', prefix: '0', groupId: 'g' };
    assert.deepEqual(await idsOf(stores, search, 50), ['p3', `p${namesPerLook * 2}`]);
    assert.deepEqual(await idsOf(stores, search, 1), ['p3', `p${namesPerLook * 2}`]);
  });

  guarantee(
    'groups are listed with their members, and a person with its faces, models, quality and groups',
    async (stores) => {
      const [store, pages] = [stores.of('1001'), stores.pagesOf('1001')];
      for (const [i, id] of ['ada', 'bob'].entries()) await registerWithFace(store, id, 'staff', String(i));
      await store.insertFace({ ...face('9', 'ada'), quality: 71, model: 'sha256:1' }, limits);
      await store.joinGroups('ada', ['night', 'art'], limits);
      await store.insertPerson(person('nobody'));
      assert.deepEqual(await pages.totals(), { groups: 3, persons: 3, faces: 3 });
      assert.deepEqual([await pages.membersIn('staff'), await pages.membersIn('none')], [2, undefined]);
      const [groups] = await walk((cursor: string | undefined, isBackward) =>
        pages.groups('', { cursor, isBackward, count: 2 }),
      );
      assert.deepEqual(groups, [
        { id: 'art', members: 1 },
        { id: 'night', members: 1 },
        { id: 'staff', members: 2 },
      ]);
      assert.deepEqual((await pages.groups('n', { count: 9 })).items, [{ id: 'night', members: 1 }]);
      const { items } = await pages.persons({ by: 'id', prefix: '' }, { count: 9 });
      assert.deepEqual(items, [
        { ...person('ada'), faces: 2, faceId: '0' },
        { ...person('bob'), faces: 1, faceId: '1' },
        { ...person('nobody'), faces: 0, faceId: null },
      ]);
      assert.deepEqual(await pages.person('ada'), { ...person('ada'), faces: 2, groups: 3 });
      assert.equal(await pages.person('none'), undefined);
      const [faces, facesBack] = await walk((cursor: number | undefined, isBackward) =>
        pages.faces('ada', { cursor, isBackward, count: 1 }),
      );
      assert.deepEqual(facesBack, faces);
      assert.deepEqual(
        faces.map(({ id, quality, models }) => [id, quality, models]),
        [
          ['0', undefined, ['sha256:0']],
          ['9', 71, ['sha256:1']],
        ],
      );
      const [joined, joinedBack] = await walk((cursor: number | undefined, isBackward) =>
        pages.groupsOf('ada', { cursor, isBackward, count: 2 }),
      );
      assert.deepEqual(
        [joined, joinedBack],
        [
          ['staff', 'night', 'art'],
          ['staff', 'night', 'art'],
        ],
      );
      assert.deepEqual((await pages.crop('9'))?.crop, face('9', 'ada').crop);
      assert.equal(await stores.pagesOf('1002').crop('9'), undefined);
      const empty = await stores.pagesOf('1003').persons({ by: 'name', prefix: '' }, { count: 9 });
      assert.deepEqual(empty, { items: [], previous: undefined, next: undefined });
    },
  );

  guarantee(
    'a group that is ended has no members, which stay registered, and whoever follows hears of each',
    async (stores) => {
      const [store, pages] = [stores.of('1001'), stores.pagesOf('1001')];
      const ids = Array.from({ length: 1_100 }, (_, i) => `p${i}`);
      await store.write(async (store) => {
        for (const id of ids) {
          await store.insertPerson(person(id));
          await store.joinGroups(id, id === 'p7' ? ['g', 'h'] : ['g'], limits);
        }
      });
      const feed = stores.feedOf('1001');
      const before = await feed.position();
      assert.equal(await pages.endGroup('g'), ids.length);
      assert.equal(await pages.endGroup('g'), undefined);
      assert.deepEqual(await pages.totals(), { groups: 1, persons: ids.length, faces: 0 });
      assert.equal(await store.membersOf('g'), undefined);
      const changes = (await changesSince(feed, before, 'sha256:0'))!.changes;
      assert.equal(changes.length, ids.length);
      assert.ok(changes.every((change) => change.kind === 'leaveGroup' && change.groupId === 'g'));
      const chains = await Array.fromAsync(stores.audit.reader.verify());
      assert.ok(chains.every(({ broken }) => broken === undefined));
    },
  );

  guarantee(
    'the history of a person has each change of it, of one that is erased, too, until it is pruned',
    async (stores) => {
      const store = stores.of('1001');
      const actions = async (id: string, linesMax = 9, before?: number) =>
        (await stores.audit.reader.ofPerson('1001', id, linesMax, before)).map(({ action }) => action);
      const doing = (action: string, work: () => Promise<unknown>) => actingAs({ ...act, action }, work);
      await doing('add', () => registerWithFace(store, 'ada', 'g', '1'));
      await doing('add another', () => registerWithFace(store, 'bob', 'g', '2'));
      await doing('name', () => store.updatePerson('ada', { name: 'Ada' }));
      assert.deepEqual(await actions('ada'), ['name', 'add']);
      assert.deepEqual(await actions('ada', 1), ['name']);
      const [newest] = await stores.audit.reader.ofPerson('1001', 'ada', 1);
      assert.deepEqual(await actions('ada', 9, newest!.sequence), ['add']);
      await doing('erase', () => store.deletePerson('ada'));
      assert.deepEqual(await actions('ada'), ['erase', 'name', 'add']);
      assert.deepEqual([await actions('none'), await stores.audit.reader.ofPerson('1002', 'ada', 9)], [[], []]);
      await stores.audit.prune(Date.now() + 1_000);
      assert.deepEqual([await actions('ada'), await actions('bob')], [[], []]);
      await doing('name anew', () => store.updatePerson('bob', { name: 'Bob' }));
      assert.deepEqual(await actions('bob'), ['name anew']);
    },
  );
}
