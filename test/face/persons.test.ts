import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import { checkShape, photograph, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
let pictures: string;
const pictureServer = createServer(async (request, response) => {
  const number = /sample([1-6])\.jpg$/.exec(request.url ?? '')?.[1];
  if (number === undefined) return void response.writeHead(404).end();
  response.end(await photograph(Number(number) as 1));
});

before(async () => {
  // The race of two hundred needs them all let in.
  app = await startApp({ queueWaitMaxMs: 600_000, appidPicturesMax: 1_000 });
  await new Promise<void>((resolve) => pictureServer.listen(0, '127.0.0.1', resolve));
  pictures = `http://127.0.0.1:${(pictureServer.address() as AddressInfo).port}`;
});
after(async () => {
  pictureServer.close();
  await app[Symbol.asyncDispose]();
});

test('a person registered from a photograph by image is read back with its face', async () => {
  const made = await app.form('newperson', {
    person_id: 'ada',
    group_ids: ['friends', 'work', 'friends'],
    person_name: '艾达',
    tag: 'first',
    image: await photograph(1),
  });
  checkShape('newperson', made);
  assert.deepEqual(
    { ...made.data, face_id: '', session_id: '' },
    { session_id: '', suc_group: 2, suc_face: 1, person_id: 'ada', face_id: '', group_ids: ['friends', 'work'] },
  );
  assert.match(made.data.face_id, /^[1-9]\d{18}$/);
  assert.ok(BigInt(made.data.face_id) < 2n ** 63n);
  assert.equal(made.data.session_id, made.headers.get('x-request-id'));

  const info = await app.json('getinfo', { person_id: 'ada' });
  checkShape('getinfo', info);
  assert.deepEqual(
    { ...info.data, session_id: '' },
    {
      person_name: '艾达',
      person_id: 'ada',
      face_ids: [made.data.face_id],
      group_ids: ['friends', 'work'],
      session_id: '',
      tag: 'first',
    },
  );
  assert.ok(info.text.includes('艾达'), 'text leaves as raw UTF-8');

  const face = await app.json('getfaceinfo', { face_id: made.data.face_id });
  checkShape('getfaceinfo', face);
  const item = face.data.face_info;
  assert.equal(item.face_id, made.data.face_id);
  assert.ok(item.gender < 50, 'every person of this photograph is a woman');
  assert.ok(item.age >= 15 && item.age <= 45, `${item.age} years`);
  assert.ok(
    item.x > 0 && item.y > 0 && item.x + item.width < 1920 && item.y + item.height < 1280,
    'the box is in the picture',
  );
  assert.equal(item.glass, false);
});

test('a person registered from a photograph by url is read back, by JSON and by multipart', async () => {
  const fields = { person_id: 'bea', group_ids: ['by-url'] };
  const made = await app.json('newperson', { ...fields, url: `${pictures}/sample3.jpg` });
  checkShape('newperson', made);
  const again = await app.form('newperson', { ...fields, person_id: 'bea2', url: `${pictures}/sample3.jpg` });
  checkShape('newperson', again);
  const [one, two] = await Promise.all(
    [made, again].map(({ data }) => app.json('getfaceinfo', { face_id: data.face_id })),
  );
  assert.deepEqual({ ...one!.data.face_info, face_id: '' }, { ...two!.data.face_info, face_id: '' });
});

test('lists of groups, persons and faces are in order of creation', async () => {
  const { data } = await app.form('newperson', {
    person_id: 'cleo',
    group_ids: ['zoo', 'alpha'],
    image: await photograph(4),
  });
  const groups = await app.json('getgroupids', {});
  checkShape('getgroupids', groups);
  assert.deepEqual(groups.data.group_ids.slice(-2), ['zoo', 'alpha']);
  await app.form('newperson', { person_id: 'aaa', group_ids: ['zoo'], image: await photograph(5) });
  const persons = await app.json('getpersonids', { group_id: 'zoo' });
  checkShape('getpersonids', persons);
  assert.deepEqual(persons.data, { person_ids: ['cleo', 'aaa'] });
  const faces = await app.json('getfaceids', { person_id: 'cleo' });
  checkShape('getfaceids', faces);
  assert.deepEqual(faces.data, { face_ids: [data.face_id] });
});

test('setinfo changes what it is given, clears with an empty text, and leaves the rest', async () => {
  await app.form('newperson', {
    person_id: 'dot',
    group_ids: ['g'],
    person_name: 'Dot',
    tag: 't',
    image: await photograph(6),
  });
  const info = async () => {
    const { data } = await app.json('getinfo', { person_id: 'dot' });
    return [data.person_name, data.tag];
  };
  checkShape('setinfo', await app.json('setinfo', { person_id: 'dot', person_name: 'Dorothy' }));
  assert.deepEqual(await info(), ['Dorothy', 't']);
  await app.json('setinfo', { person_id: 'dot', tag: '' });
  assert.deepEqual(await info(), ['Dorothy', '']);
  assert.equal((await app.json('setinfo', { person_id: 'dot' })).code, 0);
  assert.equal((await app.form('setinfo', { person_id: 'dot', person_name: 'null', tag: 'null' })).code, 0);
  assert.deepEqual(await info(), ['Dorothy', '']);
});

test('an erased person is gone, with its face and the group that it was alone in', async () => {
  const { data } = await app.form('newperson', {
    person_id: 'eve',
    group_ids: ['alone', 'zoo'],
    image: await photograph(2),
  });
  const gone = await app.json('delperson', { person_id: 'eve' });
  checkShape('delperson', gone);
  assert.deepEqual({ ...gone.data, session_id: '' }, { session_id: '', deleted: 1, person_id: 'eve' });
  assert.equal((await app.json('getinfo', { person_id: 'eve' })).code, -1303);
  assert.equal((await app.json('getfaceids', { person_id: 'eve' })).code, -1303);
  assert.equal((await app.json('getfaceinfo', { face_id: data.face_id })).code, -1305);
  assert.equal((await app.json('getpersonids', { group_id: 'alone' })).code, -1306);
  assert.ok(!(await app.json('getpersonids', { group_id: 'zoo' })).data.person_ids.includes('eve'));
  assert.equal((await app.json('delperson', { person_id: 'eve' })).code, -1303);
});

test('a person that exists is refused, and nothing of it changes', async () => {
  const before = await app.json('getinfo', { person_id: 'ada' });
  const again = await app.form('newperson', {
    person_id: 'ada',
    group_ids: ['other'],
    tag: 'new',
    image: await photograph(2),
  });
  assert.deepEqual([again.code, again.status, again.data], [-1302, 200, undefined]);
  const after = await app.json('getinfo', { person_id: 'ada' });
  assert.deepEqual({ ...after.data, session_id: '' }, { ...before.data, session_id: '' });
  assert.equal((await app.json('getpersonids', { group_id: 'other' })).code, -1306);
});

test('what is unknown has its code, and an appid without groups has its own', async () => {
  assert.equal((await app.json('getinfo', { person_id: 'nobody' })).code, -1303);
  assert.equal((await app.json('setinfo', { person_id: 'nobody' })).code, -1303);
  assert.equal((await app.json('setinfo', { person_id: 'nobody', tag: 'x' })).code, -1303);
  assert.equal((await app.json('delperson', { person_id: 'nobody' })).code, -1303);
  assert.equal((await app.json('delface', { person_id: 'nobody', face_ids: ['1'] })).code, -1303);
  assert.equal((await app.form('addface', { person_id: 'nobody', images: [await photograph(1)] })).code, -1303);
  assert.equal((await app.json('getfaceinfo', { face_id: '1' })).code, -1305);
  assert.equal((await app.json('getpersonids', { group_id: 'nothing' })).code, -1306);
  await using empty = await startApp();
  assert.equal((await empty.json('getgroupids', {})).code, -1307);
});

test('two hundred parallel newperson calls with one id: exactly one succeeds, and the rest change nothing', async () => {
  const image = await photograph(3);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      app.form('newperson', { person_id: 'race', group_ids: [`race-${i}`], image }),
    ),
  );
  const winners = answers.filter(({ code }) => code === 0);
  assert.equal(winners.length, 1);
  assert.deepEqual(new Set(answers.map(({ code }) => code)), new Set([0, -1302]));
  const info = await app.json('getinfo', { person_id: 'race' });
  assert.deepEqual(info.data.face_ids, [winners[0]!.data.face_id]);
  assert.deepEqual(info.data.group_ids, winners[0]!.data.group_ids);
  const groups: string[] = (await app.json('getgroupids', {})).data.group_ids;
  assert.equal(groups.filter((group) => group.startsWith('race-')).length, 1);
});

test('what one appid keeps is unknown to another', async () => {
  const other = { ...app.key, appid: '7', secretId: 'other', secretKey: 'key' };
  assert.ok(await app.app.stores.keys.addKey(other, []));
  const { signFor, sendTo } = await import('../harness.ts');
  const answer = await sendTo(`${app.app.url}/face/getinfo`, {
    method: 'POST',
    headers: { authorization: signFor(other), 'content-type': 'application/json' },
    body: JSON.stringify({ appid: '7', person_id: 'ada' }),
  });
  assert.equal(answer.code, -1303);
});
