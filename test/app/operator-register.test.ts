/** The operator's API of a whole application: the register is looked through, changed and erased, as whom, and by nobody else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OperationName, operations } from '../../src/contract/operator/operations.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { type OperatorClient, signIn } from '../operator.ts';

let app: TestApp;
let appid: string;
let editor: OperatorClient;
let reader: OperatorClient;
/** Of another appid, for whom there is nothing here. */
let stranger: OperatorClient;
/** The face of `ada`. */
let faceId: string;

before(async () => {
  app = await startApp();
  appid = app.key.appid;
  editor = await signIn(app, { role: 'editor', appid });
  reader = await signIn(app, { role: 'reader', appid });
  await app.app.stores.tenants.add('2002', {});
  stranger = await signIn(app, { role: 'owner', appid: '2002' });
  const added = await app.form('newperson', {
    person_id: 'ada',
    person_name: 'Ada Lovelace',
    tag: 'mathematician',
    group_ids: ['staff', 'berlin'],
    image: await photograph(1),
  });
  assert.equal(added.code, 0, added.message);
  faceId = added.data.face_id;
});
after(() => app[Symbol.asyncDispose]());

const ok = async (client: OperatorClient, name: OperationName, body: Record<string, unknown>) => {
  const { status, data } = await client.call(name, { appid, ...body });
  assert.equal(status, 200, `${name}: ${JSON.stringify(data)}`);
  operations[name].output.parse(data);
  return data;
};

test('a person is found by id, name and group, and shown with faces, quality, groups and history', async () => {
  assert.deepEqual(await ok(reader, 'register.groups', {}), {
    total: 2,
    groups: [
      { id: 'berlin', members: 1 },
      { id: 'staff', members: 1 },
    ],
  });
  const ada = { id: 'ada', name: 'Ada Lovelace', tag: 'mathematician', faces: 1 };
  for (const search of [{}, { prefix: 'a' }, { by: 'name', prefix: 'Ada L' }, { group: 'staff', by: 'name' }]) {
    const { persons, total } = await ok(reader, 'register.persons', search);
    assert.deepEqual([persons, total], [[{ ...ada, face: faceId }], 1], JSON.stringify(search));
  }
  assert.deepEqual((await ok(reader, 'register.persons', { prefix: 'A' })).persons, []);
  assert.deepEqual(await ok(reader, 'register.person', { person: 'ada' }), { ...ada, groups: 2 });
  const { faces } = await ok(reader, 'register.faces', { person: 'ada' });
  const item = (await app.json('getfaceinfo', { face_id: faceId })).data.face_info;
  assert.deepEqual(
    [faces[0].id, faces[0].attributes.age, Math.round(faces[0].box.x), faces[0].models.length],
    [faceId, item.age, Math.round(item.x), 1],
  );
  assert.ok(faces[0].quality > 30 && faces[0].quality <= 100, `quality ${faces[0].quality}`);
  assert.deepEqual((await ok(reader, 'register.groupsOf', { person: 'ada' })).groups, ['staff', 'berlin']);
  const { lines } = await ok(reader, 'register.history', { person: 'ada' });
  assert.deepEqual(
    lines.map(({ at: _, ...line }: { at: number }) => line),
    [
      {
        ...{ kind: 'key', actor: app.key.secretId, action: 'newperson' },
        persons: { count: 1, ids: ['ada'] },
        faces: { count: 1, ids: [faceId] },
        groups: { count: 2, ids: ['staff', 'berlin'] },
      },
    ],
  );
  const crop = await fetch(`${app.app.adminUrl}/api/crop?appid=${appid}&face=${faceId}`, {
    headers: { cookie: reader.cookie },
  });
  assert.equal(crop.headers.get('content-type'), 'image/jpeg');
  assert.deepEqual([...new Uint8Array(await crop.arrayBuffer()).subarray(0, 3)], [0xff, 0xd8, 0xff]);
  for (const [name, body] of [
    ['register.person', { person: 'none' }],
    ['register.persons', { group: 'none' }],
  ] as const) {
    assert.equal((await reader.call(name, { appid, ...body })).status, 404, name);
  }
});

test('an editor changes and erases as the face API does, and the audit names the editor', async () => {
  const { stores } = app.app;
  await stores.of(appid).insertPerson({ id: 'bob', name: '', tag: '' });
  await ok(editor, 'register.setPerson', { person: 'bob', name: 'Bob <b>', tag: 't' });
  await ok(editor, 'register.setPerson', { person: 'bob', tag: '' });
  assert.deepEqual(await stores.of(appid).findPerson('bob'), { id: 'bob', name: 'Bob <b>', tag: '' });
  assert.deepEqual(await ok(editor, 'register.joinGroups', { person: 'bob', groups: ['staff', 'new'] }), { joined: 2 });
  assert.deepEqual(await ok(editor, 'register.leaveGroups', { person: 'bob', groups: ['new', 'none'] }), { left: 1 });
  assert.deepEqual(await ok(editor, 'register.eraseGroup', { group: 'staff' }), { left: 2 });
  assert.deepEqual((await ok(reader, 'register.groupsOf', { person: 'ada' })).groups, ['berlin']);
  assert.deepEqual(await ok(editor, 'register.eraseFaces', { person: 'ada', faces: [faceId] }), { erased: 1 });
  assert.equal((await app.json('getfaceinfo', { face_id: faceId })).code, -1305);
  await ok(editor, 'register.erasePerson', { person: 'bob' });
  assert.equal((await app.json('getinfo', { person_id: 'bob' })).code, -1303);
  const { lines } = await ok(reader, 'register.history', { person: 'bob', count: 3 });
  assert.deepEqual(
    lines.map(({ kind, actor, action }: Record<string, string>) => `${kind} ${actor} ${action}`),
    ['erasePerson', 'eraseGroup', 'leaveGroups'].map((action) => `operator editor.${appid} register.${action}`),
  );
});

test('the audit tells of a line some ids and how many more, however many a change touched', async () => {
  await app.app.stores.of(appid).write(async (store) => {
    for (let i = 0; i < 30; i += 1) {
      await store.insertPerson({ id: `many-${i}`, name: '', tag: '' });
      await store.joinGroups(`many-${i}`, ['crowd'], { groupsMax: 100, personsPerGroupMax: 100, facesPerPersonMax: 1 });
    }
  });
  assert.deepEqual(await ok(editor, 'register.eraseGroup', { group: 'crowd' }), { left: 30 });
  const { lines } = await ok(reader, 'audit.list', { action: 'register.eraseGroup' });
  assert.deepEqual([lines.at(-1).ids.persons.length, lines.at(-1).more], [20, 10]);
  const history = await ok(reader, 'register.history', { person: 'many-29', count: 1 });
  assert.deepEqual([history.lines[0].persons.count, history.lines[0].persons.ids.length], [30, 20]);
});

test('what cannot be is refused and says why, and nothing is changed', async () => {
  await app.app.stores.of(appid).insertPerson({ id: 'eve', name: 'Eve', tag: '' });
  for (const [name, body, status] of [
    ['register.setPerson', { person: 'none', name: 'n' }, 404],
    ['register.setPerson', { person: 'eve', name: 'x'.repeat(256) }, 400],
    ['register.setPerson', { person: 'eve', name: 'a\u0000b' }, 400],
    ['register.joinGroups', { person: 'none', groups: ['g'] }, 404],
    ['register.joinGroups', { person: 'eve', groups: ['a/b'] }, 400],
    ['register.joinGroups', { person: 'eve', groups: [] }, 400],
    ['register.leaveGroups', { person: 'eve', groups: ['g'] }, 404],
    ['register.eraseFaces', { person: 'eve', faces: ['1'] }, 404],
    ['register.erasePerson', { person: 'none' }, 404],
    ['register.eraseGroup', { group: 'none' }, 404],
    ['register.persons', { count: 101 }, 400],
    ['register.persons', { count: 0 }, 400],
  ] as const) {
    const answer = await editor.call(name, { appid, ...body });
    assert.equal(answer.status, status, `${name} ${JSON.stringify(body)} ${JSON.stringify(answer.data)}`);
  }
  assert.deepEqual(await app.app.stores.of(appid).findPerson('eve'), { id: 'eve', name: 'Eve', tag: '' });
  const owner = await signIn(app, { role: 'owner', appid: null });
  for (const name of ['register.groups', 'register.persons'] as const) {
    assert.equal((await owner.call(name, { appid: '404' })).status, 404);
  }
  assert.equal((await owner.call('register.joinGroups', { appid: '404', person: 'p', groups: ['g'] })).status, 404);
});

test('no operation on a register is done without a session, its token and its right, nor across appids', async () => {
  await app.app.stores.of(appid).insertPerson({ id: 'kim', name: '', tag: '' });
  const inputs: Record<string, Record<string, unknown>> = {
    'register.setPerson': { name: 'x' },
    'register.joinGroups': { groups: ['g'] },
    'register.leaveGroups': { groups: ['g'] },
    'register.eraseFaces': { faces: ['1'] },
  };
  const names = (Object.keys(operations) as OperationName[]).filter((name) => name.startsWith('register.'));
  for (const name of names) {
    const isList = ['register.groups', 'register.persons'].includes(name);
    const about = name === 'register.eraseGroup' ? { group: 'g' } : isList ? {} : { person: 'kim' };
    const body = JSON.stringify({ appid, ...about, ...inputs[name] });
    const post = (headers: Record<string, string>) =>
      fetch(`${app.app.adminUrl}/api/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const { cookie, forgeryToken } = editor;
    for (const [headers, status] of [
      [{}, 401],
      [{ cookie: 'familiar_session=invented', 'x-forgery-token': forgeryToken }, 401],
      [{ cookie }, 403],
      [{ cookie, 'x-forgery-token': reader.forgeryToken }, 403],
      [{ cookie, 'x-forgery-token': forgeryToken, origin: 'http://evil.example' }, 403],
      [{ cookie: stranger.cookie, 'x-forgery-token': stranger.forgeryToken }, 403],
    ] as const) {
      assert.equal((await post(headers)).status, status, `${name} ${JSON.stringify(headers)}`);
    }
    const asReader = await post({ cookie: reader.cookie, 'x-forgery-token': reader.forgeryToken });
    assert.equal(asReader.status, operations[name].right === 'reader' ? 200 : 403, name);
  }
  assert.equal(names.filter((name) => operations[name].right === 'editor').length, 6);
  assert.deepEqual(await app.app.stores.of(appid).findPerson('kim'), { id: 'kim', name: '', tag: '' });
});

test('an operator of one appid does nothing with the ids of another one, whose they are', async () => {
  const store = app.app.stores.of('2002');
  await store.insertPerson({ id: 'theirs', name: '', tag: '' });
  await app.app.stores.of(appid).insertPerson({ id: 'lea', name: '', tag: '' });
  const { id: correction } = await ok(editor, 'persons.correct', {
    correction: { kind: 'rename', from: 'lea', to: 'lee' },
  });
  const before = await ok(reader, 'register.person', { person: 'ada' });
  for (const [name, body, status] of [
    ['register.person', { person: 'ada' }, 404],
    ['register.eraseFaces', { person: 'theirs', faces: [faceId] }, 404],
    ['persons.correct', { correction: { kind: 'move', faces: [faceId], to: 'theirs' } }, 404],
    ['persons.correct', { correction: { kind: 'merge', from: 'ada', to: 'theirs' } }, 404],
    ['persons.correct', { correction: { kind: 'split', from: 'theirs', faces: [faceId], to: 'new', name: '' } }, 404],
    ['persons.undo', { id: correction }, 404],
    ['check.accept', { id: '1' }, 404],
    ['keys.revoke', { secretId: app.key.secretId }, 404],
    ['keys.set', { secretId: app.key.secretId, name: 'x' }, 404],
  ] as const) {
    const answer = await stranger.call(name, { appid: '2002', ...body });
    assert.equal(answer.status, status, `${name} ${JSON.stringify(answer.data)}`);
  }
  const crop = (of: string) =>
    fetch(`${app.app.adminUrl}/api/crop?appid=${of}&face=${faceId}`, { headers: { cookie: stranger.cookie } });
  assert.deepEqual([(await crop('2002')).status, (await crop(appid)).status], [404, 403]);
  const { lines } = await ok(stranger, 'register.history', { appid: '2002', person: 'ada' });
  assert.deepEqual(lines, []);
  assert.deepEqual((await ok(stranger, 'register.faces', { appid: '2002', person: 'ada' })).faces, []);
  assert.deepEqual(await ok(reader, 'register.person', { person: 'ada' }), before);
  assert.equal((await app.app.stores.of(appid).findPerson('lee'))?.id, 'lee');
});
