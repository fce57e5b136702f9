/** That what is written is read back, value by value, and belongs to whom it was written for. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { face, guarantees, limits, person, registerWithFace } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

const guarantee = guarantees('SQLite', sqliteHome);

guarantee('a face is read back with every value that it was written with', async (stores) => {
  const store = stores.of('1001');
  await store.insertPerson(person('p'));
  const plain = {
    ...face('1', 'p'),
    tag: 'a tag',
    box: { x: 0, y: 7.25, width: 0.01, height: 3 },
    attributes: { gender: 0, age: 0, expression: 100, glass: false, pitch: 30, yaw: -30, roll: -180 },
  };
  const other = face('2', 'p');
  for (const one of [plain, other]) await store.insertFace(one, limits);
  for (const { embedding, crop, model, ...expected } of [plain, other]) {
    assert.deepEqual(await store.findFace(expected.id), expected);
    assert.deepEqual(await store.findEmbeddings([expected.id], model), [{ faceId: expected.id, embedding }]);
    assert.ok(crop.length > 0);
  }
  const found = await store.findFaces(['2', '1', '3']);
  assert.deepEqual(found.map(({ id, attributes }) => [id, attributes.glass]).sort(), [
    ['1', false],
    ['2', true],
  ]);
});

guarantee('a person is read back as written, and changed in what a change speaks of alone', async (stores) => {
  const store = stores.of('1001');
  await store.insertPerson({ id: 'p', name: 'n', tag: 't' });
  await store.insertPerson({ id: 'q', name: 'm', tag: 's' });
  for (const [change, expected] of [
    [{ name: 'n2' }, { id: 'p', name: 'n2', tag: 't' }],
    [{ tag: 't2' }, { id: 'p', name: 'n2', tag: 't2' }],
    [
      { name: '', tag: '' },
      { id: 'p', name: '', tag: '' },
    ],
    [{}, { id: 'p', name: '', tag: '' }],
  ] as const) {
    assert.equal(await store.updatePerson('p', { name: undefined, tag: undefined, ...change }), true);
    assert.deepEqual(await store.findPerson('p'), expected);
  }
  assert.deepEqual(await store.findPerson('q'), { id: 'q', name: 'm', tag: 's' });
  for (const change of [
    { name: 'x', tag: undefined },
    { name: undefined, tag: undefined },
  ]) {
    assert.equal(await store.updatePerson('nobody', change), false);
    assert.equal(await stores.of('1002').updatePerson('p', change), false);
  }
});

guarantee('asked for nothing, nothing is found or erased, and nobody is told of it', async (stores) => {
  const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
  await registerWithFace(store, 'p', 'g', '1');
  const before = await feed.position();
  assert.deepEqual(await store.findFaces([]), []);
  assert.deepEqual(await store.findEmbeddings([], 'sha256:0'), []);
  assert.deepEqual(await store.findEmbeddings(['1'], 'another model'), []);
  assert.deepEqual(await store.embeddingsOf('p', 'another model'), []);
  assert.deepEqual(await store.deleteFaces('p', []), []);
  assert.deepEqual(await store.deleteFaces('p', ['2']), []);
  assert.deepEqual(await store.deleteFaces('nobody', ['1']), []);
  assert.equal(await store.hasAnyGroup([]), false);
  assert.equal(await store.deletePerson('nobody'), false);
  assert.equal(await feed.position(), before);
});

guarantee('a group is found among however many are asked for, the last one included', async (stores) => {
  const store = stores.of('1001');
  await registerWithFace(store, 'p', 'g', '1');
  const others = Array.from({ length: 2_500 }, (_, i) => `g${i}`);
  assert.equal(await store.hasAnyGroup(others), false);
  for (const at of [0, 999, 1_000, 2_000, 2_500]) {
    assert.equal(await store.hasAnyGroup(others.toSpliced(at, 0, 'g')), true, `${at}`);
  }
  assert.equal(await stores.of('1002').hasAnyGroup(['g']), false);
});

guarantee('a bucket is declared once, for the appid of the key alone', async ({ keys }) => {
  const key = { appid: '1001', secretKey: 's', createdAt: 1, revokedAt: null };
  await keys.addKey({ ...key, secretId: 'a' }, ['b', 'a']);
  await keys.addKey({ ...key, secretId: 'b' }, ['b', 'c']);
  await keys.addKey({ ...key, secretId: 'c', appid: '1002' }, ['d']);
  assert.deepEqual(await keys.findTenant('1001'), { appid: '1001', buckets: ['a', 'b', 'c'], limits: {} });
  assert.deepEqual(await keys.findTenant('1002'), { appid: '1002', buckets: ['d'], limits: {} });
});

guarantee('the row of a change names what the change is about, and nothing else', async (stores, home) => {
  const store = stores.of('1001');
  await registerWithFace(store, 'p', 'g', '1');
  await registerWithFace(store, 'q', 'g', '2');
  await store.deleteFaces('p', ['1']);
  await store.deletePerson('q');
  using database = new DatabaseSync((home as Awaited<ReturnType<typeof sqliteHome>>).file, { readOnly: true });
  const rows = database.prepare('select kind, person_id, face_id, group_ids from changes order by sequence').all();
  assert.deepEqual(
    rows.map((row) => Object.values(row).join(' ')),
    [
      'joinGroups p  ["g"]',
      'insertFace p 1 ',
      'joinGroups q  ["g"]',
      'insertFace q 2 ',
      'removeFace  1 ',
      'removePerson q  ',
    ],
  );
});
