/** What is guaranteed of corrections, whichever the database is. */
import assert from 'node:assert/strict';
import { actingAs } from '../../src/store/audit/act.ts';
import type { Correction } from '../../src/store/corrections/correction.ts';
import { CorrectionRefused } from '../../src/store/corrections/refused.ts';
import type { Stores } from '../../src/store/open.ts';
import type { OpenHome } from './audit/lines.ts';
import { changesSince, face, guarantees, idsOf, limits, person } from './fixtures.ts';

const appid = '1001';

/** Registers `a` with the faces 1 to 3 in the groups g and h, and `b` with the face 4 in h and i. */
async function begin(stores: Stores): Promise<void> {
  await stores.of(appid).write(async (store) => {
    await store.insertPerson({ id: 'a', name: 'Anna', tag: 'tag of a' });
    await store.joinGroups('a', ['g', 'h'], limits);
    await store.insertPerson({ id: 'b', name: '', tag: 'tag of b' });
    await store.joinGroups('b', ['h', 'i'], limits);
    for (const id of ['1', '2', '3']) await store.insertFace(face(id, 'a'), limits);
    await store.insertFace(face('4', 'b'), limits);
  });
}

/** Everything that can be read of some persons. */
async function stateOf(stores: Stores, ...ids: readonly string[]): Promise<unknown> {
  const store = stores.of(appid);
  const persons = [];
  for (const id of ids) {
    const details = await store.findDetails(id);
    if (details === undefined) continue;
    const embeddings = await store.embeddingsOf(id, face('1', 'a').model);
    persons.push({
      ...details.person,
      faces: idsOf(details.faceIds),
      groups: [...idsOf(details.groupIds)].sort(),
      embedded: embeddings.map(({ faceId }) => faceId),
    });
  }
  const groups = idsOf(await store.groups());
  const members = [];
  for (const group of groups ?? []) members.push([group, [...idsOf(await store.membersOf(group))!].sort()]);
  return { persons, members, kept: (await stores.tenants.list(appid))[0]?.kept };
}

/** Who has which faces and is in which groups, as who follows the feed from the start knows it. */
async function followed(stores: Stores): Promise<unknown> {
  const { changes } = (await changesSince(stores.feedOf(appid), 0, face('1', 'a').model))!;
  const [faces, members] = [new Map<string, string>(), new Set<string>()];
  for (const change of changes) {
    if (change.kind === 'insertFace') faces.set(change.faceId, change.personId);
    else if (change.kind === 'removeFace') faces.delete(change.faceId);
    else if (change.kind === 'joinGroup') members.add(`${change.personId} ${change.groupId}`);
    else if (change.kind === 'leaveGroup') members.delete(`${change.personId} ${change.groupId}`);
    else {
      for (const [id, owner] of faces) if (owner === change.personId) faces.delete(id);
      for (const member of members) if (member.startsWith(`${change.personId} `)) members.delete(member);
    }
  }
  return { faces: Object.fromEntries([...faces].sort()), members: [...members].sort() };
}

async function isRefused(work: Promise<unknown>, why: CorrectionRefused['why'], message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof CorrectionRefused, String(error));
    assert.deepEqual([error.why, message.test(error.message)], [why, true], error.message);
    return true;
  });
}

/** Declares the tests of one database. */
export function correctionsSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);
  const make = (stores: Stores, correction: Correction, most = limits) =>
    stores.corrections.make(appid, correction, most);
  const undo = (stores: Stores, id: string) => stores.corrections.undo(appid, id, limits);
  const ids = ['a', 'b', 'c'];

  guarantee(
    'faces that are moved are the other person’s, for who reads and who follows; undone, they are back',
    async (stores) => {
      await stores.tenants.add(appid, {});
      await begin(stores);
      const before = [await stateOf(stores, ...ids), await followed(stores)];
      const id = await make(stores, { kind: 'move', faces: ['1', '3'], to: 'b' });
      assert.deepEqual(idsOf(await stores.of(appid).facesOf('a')), ['2']);
      assert.deepEqual(idsOf(await stores.of(appid).facesOf('b')), ['4', '1', '3']);
      assert.deepEqual(((await followed(stores)) as { faces: unknown }).faces, { 1: 'b', 2: 'a', 3: 'b', 4: 'b' });
      await undo(stores, id);
      assert.deepEqual([await stateOf(stores, ...ids), await followed(stores)], before);
      await isRefused(undo(stores, id), 'unknown', /no correction/);
    },
  );

  guarantee(
    'two persons that are merged are one with all faces and groups; undone, they are as they were',
    async (stores) => {
      await stores.tenants.add(appid, {});
      await begin(stores);
      const before = [await stateOf(stores, ...ids), await followed(stores)];
      const id = await make(stores, { kind: 'merge', from: 'a', to: 'b' });
      assert.deepEqual(await stateOf(stores, ...ids), {
        persons: [
          {
            id: 'b',
            name: 'Anna',
            tag: 'tag of b',
            faces: ['4', '1', '2', '3'],
            groups: ['g', 'h', 'i'],
            embedded: ['4', '1', '2', '3'],
          },
        ],
        members: ['g', 'h', 'i'].map((group) => [group, ['b']]),
        kept: { ...(await stores.tenants.list(appid))[0]!.kept, groups: 3, persons: 1, faces: 4 },
      });
      assert.deepEqual(await followed(stores), {
        faces: { 1: 'b', 2: 'b', 3: 'b', 4: 'b' },
        members: ['b g', 'b h', 'b i'],
      });
      await undo(stores, id);
      assert.deepEqual([await stateOf(stores, ...ids), await followed(stores)], before);
    },
  );

  guarantee('a person that is split is two in the same groups; undone, it is one', async (stores) => {
    await stores.tenants.add(appid, {});
    await begin(stores);
    const before = [await stateOf(stores, ...ids), await followed(stores)];
    const id = await make(stores, { kind: 'split', from: 'a', to: 'c', faces: ['2'], name: 'Clara' });
    assert.deepEqual(idsOf(await stores.of(appid).facesOf('a')), ['1', '3']);
    const { person, faceIds, groupIds } = (await stores.of(appid).findDetails('c'))!;
    assert.deepEqual(
      [person, idsOf(faceIds), idsOf(groupIds)],
      [{ id: 'c', name: 'Clara', tag: '' }, ['2'], ['g', 'h']],
    );
    assert.deepEqual(await followed(stores), {
      faces: { 1: 'a', 2: 'c', 3: 'a', 4: 'b' },
      members: ['a g', 'a h', 'b h', 'b i', 'c g', 'c h'],
    });
    await undo(stores, id);
    assert.deepEqual([await stateOf(stores, ...ids), await followed(stores)], before);
  });

  guarantee('a person that is renamed keeps everything but the id; undone, that too', async (stores) => {
    await stores.tenants.add(appid, {});
    await begin(stores);
    const before = [await stateOf(stores, ...ids), await followed(stores)];
    const id = await make(stores, { kind: 'rename', from: 'a', to: 'c' });
    const { person, faceIds, groupIds } = (await stores.of(appid).findDetails('c'))!;
    assert.deepEqual(person, { id: 'c', name: 'Anna', tag: 'tag of a' });
    assert.deepEqual(
      [idsOf(faceIds), idsOf(groupIds)],
      [
        ['1', '2', '3'],
        ['g', 'h'],
      ],
    );
    assert.equal(await stores.of(appid).findPerson('a'), undefined);
    assert.deepEqual(await followed(stores), {
      faces: { 1: 'c', 2: 'c', 3: 'c', 4: 'b' },
      members: ['b h', 'b i', 'c g', 'c h'],
    });
    await undo(stores, id);
    assert.deepEqual([await stateOf(stores, ...ids), await followed(stores)], before);
  });

  guarantee('a pair that is forbidden is not merged, whatever ids the two get, until it is allowed', async (stores) => {
    await begin(stores);
    const forbidden = await make(stores, { kind: 'forbid', first: 'a', second: 'b' });
    await isRefused(make(stores, { kind: 'forbid', first: 'b', second: 'a' }), 'exists', /already/);
    await isRefused(make(stores, { kind: 'merge', from: 'b', to: 'a' }), 'invalid', /not the same/);
    await make(stores, { kind: 'rename', from: 'a', to: 'c' });
    await isRefused(make(stores, { kind: 'merge', from: 'b', to: 'c' }), 'invalid', /not the same/);
    await stores.of(appid).insertPerson(person('d'));
    const merged = await make(stores, { kind: 'merge', from: 'c', to: 'd' });
    await isRefused(make(stores, { kind: 'merge', from: 'b', to: 'd' }), 'invalid', /not the same/);
    await undo(stores, merged);
    await make(stores, { kind: 'allow', first: 'b', second: 'c' });
    await make(stores, { kind: 'merge', from: 'b', to: 'd' });
    await undo(stores, forbidden);
  });

  guarantee('a correction that cannot be is refused, and leaves everything as it was', async (stores) => {
    await begin(stores);
    const before = [await stateOf(stores, ...ids), await stores.feedOf(appid).position()];
    const few = { ...limits, facesPerPersonMax: 3 };
    await isRefused(make(stores, { kind: 'merge', from: 'a', to: 'b', name: 'x' }, few), 'invalid', /3 faces at most/);
    await isRefused(make(stores, { kind: 'move', faces: ['1', '9'], to: 'b' }), 'unknown', /no face 9/);
    await isRefused(make(stores, { kind: 'move', faces: ['1'], to: 'z' }), 'unknown', /no person z/);
    await isRefused(make(stores, { kind: 'move', faces: ['1'], to: 'a' }), 'invalid', /already/);
    await isRefused(make(stores, { kind: 'merge', from: 'a', to: 'a' }), 'invalid', /both/);
    await isRefused(make(stores, { kind: 'rename', from: 'a', to: 'b' }), 'exists', /person b/);
    await isRefused(make(stores, { kind: 'split', from: 'a', to: 'b', faces: ['1'] }), 'exists', /person b/);
    await isRefused(make(stores, { kind: 'split', from: 'a', to: 'c', faces: ['4'] }), 'unknown', /not all/);
    await isRefused(make(stores, { kind: 'split', from: 'a', to: 'c', faces: ['1', '2', '3'] }), 'invalid', /rename/);
    await isRefused(
      make(stores, { kind: 'split', from: 'a', to: 'c', faces: ['1'] }, { ...limits, personsPerGroupMax: 1 }),
      'invalid',
      /group g is full/,
    );
    await assert.rejects(
      make(stores, { kind: 'split', from: 'a', to: 'c', faces: ['1'] }, { ...limits, personsMax: 2 }),
      {
        refusal: 'tooManyRequests',
      },
    );
    assert.deepEqual([await stateOf(stores, ...ids), await stores.feedOf(appid).position()], before);
    assert.deepEqual(await stores.corrections.list(appid), []);
  });

  guarantee('what was changed since is not undone', async (stores) => {
    await begin(stores);
    const moved = await make(stores, { kind: 'move', faces: ['1'], to: 'b' });
    await make(stores, { kind: 'rename', from: 'b', to: 'c' });
    await isRefused(undo(stores, moved), 'invalid', /undo what came later first/);
    const merged = await make(stores, { kind: 'merge', from: 'a', to: 'c' });
    await stores.of(appid).updatePerson('c', { tag: 'new' });
    await stores.of(appid).leaveGroups('c', ['g']);
    await stores.of(appid).insertPerson(person('a'));
    await isRefused(undo(stores, merged), 'exists', /person a/);
    await stores.of(appid).deletePerson('a');
    assert.deepEqual(
      (await stores.corrections.list(appid)).map(({ undo: { kind } }) => kind),
      ['rename'],
      'what tells of an id that was erased is gone',
    );
  });

  guarantee(
    'an erasure is not undone: what would undo it goes with it, and nothing plain is left',
    async (stores, { ask }) => {
      await begin(stores);
      const merged = await make(stores, { kind: 'merge', from: 'a', to: 'b' });
      await stores.of(appid).deletePerson('b');
      await isRefused(undo(stores, merged), 'unknown', /no correction/);
      await begin(stores);
      const moved = await make(stores, { kind: 'move', faces: ['1', '2'], to: 'b' });
      await stores.of(appid).deleteFaces('b', ['2']);
      await isRefused(undo(stores, moved), 'unknown', /no correction/);
      await make(stores, { kind: 'forbid', first: 'a', second: 'b' });
      await make(stores, { kind: 'rename', from: 'a', to: 'Grünwald' });
      assert.doesNotMatch(JSON.stringify(await ask('select * from corrections')), /Grünwald/);
      await stores.of(appid).deletePerson('Grünwald');
      for (const table of ['corrections', 'correction_subjects', 'forbidden_pairs']) {
        assert.deepEqual(await ask(`select * from ${table}`), [], table);
      }
    },
  );

  guarantee('the audit tells of a correction and of its undoing, by whom and of whom', async (stores) => {
    await begin(stores);
    const by = <T>(action: string, work: () => Promise<T>) =>
      actingAs({ kind: 'operator', actor: 'olga', action, requestId: action }, work);
    const id = await by('persons merge', () => make(stores, { kind: 'merge', from: 'a', to: 'b' }));
    const [merged] = (await stores.audit.reader.newest({ appid }, 10)).slice(-1);
    const told = (kind: 'persons' | 'faces') => merged!.ids[kind]!.map((one) => one.id);
    assert.deepEqual(
      [merged!.actor, merged!.action, told('persons'), told('faces')],
      ['olga', 'persons merge', ['b', undefined], ['1', '2', '3']],
    );
    await by('persons undo', () => undo(stores, id));
    const [undone] = (await stores.audit.reader.newest({ appid }, 10)).slice(-1);
    assert.deepEqual([undone!.action, undone!.ids.persons!.map((one) => one.id)], ['persons undo', ['a', 'b']]);
    const broken = (await Array.fromAsync(stores.audit.reader.verify())).filter((chain) => chain.broken !== undefined);
    assert.deepEqual(broken, []);
  });

  guarantee(
    'of corrections that are made at once of one person, each is made on what the others left',
    async (stores) => {
      await begin(stores);
      const outcomes = await Promise.allSettled([
        make(stores, { kind: 'merge', from: 'a', to: 'b' }),
        make(stores, { kind: 'merge', from: 'b', to: 'a' }),
        make(stores, { kind: 'rename', from: 'a', to: 'c' }),
      ]);
      assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
      const faces = [];
      for (const id of ids) faces.push(...(idsOf(await stores.of(appid).facesOf(id)) ?? []));
      assert.deepEqual(faces.sort(), ['1', '2', '3', '4']);
    },
  );
}
