/** What operators do with pictures, over whole applications with real networks and photographs. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { refusals } from '../../src/contract/refusals.ts';
import { operatorsKey } from '../../src/http/operator-calls.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { type OperatorClient, signIn } from '../operator.ts';

let app: TestApp;
let editor: OperatorClient;
let appid: string;
before(async () => {
  app = await startApp();
  appid = app.key.appid;
  editor = await signIn(app, { role: 'editor', appid });
});
after(() => app[Symbol.asyncDispose]());

const enrol = async (personId: string, picture: Uint8Array, groupIds = ['g'], name = '') =>
  (await editor.send('enrol.person', { appid, personId, name, groupIds }, { picture })).data;

test('a picture is analysed as detect does: every face, the one that is meant, its quality and contours', async () => {
  const picture = await photograph(4);
  const { status, data } = await editor.send('recognise.analyse', { appid, contours: true }, { picture });
  assert.equal(status, 200, JSON.stringify(data));
  const { data: detected } = await app.form('detect', { image: picture });
  const { width, height, boxes, chosen } = data.seen;
  assert.deepEqual([width, height, boxes.length], [detected.image_width, detected.image_height, 4]);
  assert.deepEqual(
    boxes.map(({ x, y }: { x: number; y: number }) => [Math.round(x), Math.round(y)]),
    detected.face.map(({ x, y }: { x: number; y: number }) => [x, y]),
  );
  assert.deepEqual(
    data.faces.map(({ age, gender }: Record<string, number>) => [age, gender]),
    detected.face.map(({ age, gender }: Record<string, number>) => [age, gender]),
  );
  const [largest] = (await app.form('detect', { image: picture, mode: 1 })).data.face;
  assert.deepEqual([Math.round(boxes[chosen].x), Math.round(boxes[chosen].y)], [largest.x, largest.y]);
  for (const { quality, contours } of data.faces) {
    assert.ok(quality.score >= 0 && quality.score <= 100);
    assert.deepEqual([contours.profile.length, contours.mouth.length, contours.nose.length], [21, 22, 13]);
  }
  const plain = await editor.send('recognise.analyse', { appid }, { picture });
  assert.equal('contours' in plain.data.faces[0], false);
});

test('persons are enrolled by pictures, found in their groups with their names, verified and compared', async () => {
  const [six, two] = [await photograph(6), await photograph(2)];
  const ada = await enrol('ada', six, ['staff'], 'Ada 洛芙莱斯');
  assert.match(ada.faceId, /^\d{19}$/);
  assert.ok(ada.quality.score > 0 && ada.seen.boxes.length >= 1 && ada.seen.chosen === 0, JSON.stringify(ada));
  await enrol('bob', two, ['guests']);
  const flipped = await sharp(six).flop().jpeg().toBuffer();
  const add = async (picture: Uint8Array) =>
    (await editor.send('enrol.face', { appid, personId: 'ada', tag: 't' }, { picture })).data;
  const same = await add(six);
  assert.deepEqual([same.refusal.name, same.refusal.code, same.faceId], ['sameFace', -1312, ada.faceId]);
  const { data: info } = await app.json('getinfo', { person_id: 'ada' });
  assert.deepEqual([info.face_ids, info.group_ids, info.person_name], [[ada.faceId], ['staff'], 'Ada 洛芙莱斯']);

  const identify = async (groupIds: string[]) =>
    (await editor.send('recognise.identify', { appid, groupIds }, { picture: flipped })).data;
  const all = await identify([]);
  const [best, second] = all.faces[all.seen.chosen].candidates;
  assert.deepEqual(
    [best.personId, best.name, best.faceId, second.personId],
    ['ada', 'Ada 洛芙莱斯', ada.faceId, 'bob'],
  );
  assert.ok(best.confidence > 75 && second.confidence < 75, JSON.stringify(all.faces));
  assert.deepEqual([all.gallery, all.fittedMost], [{ persons: 2, faces: 2 }, 90]);
  const { data: api } = await app.form('identify', { group_id: 'staff', image: flipped });
  const staff = await identify(['staff']);
  assert.deepEqual(
    staff.faces[staff.seen.chosen].candidates.map(({ confidence }: { confidence: number }) => confidence),
    api.candidates.map(({ confidence }: { confidence: number }) => confidence),
  );
  assert.deepEqual(staff.gallery, { persons: 1, faces: 1 });
  assert.equal((await identify(['nobody'])).refusal.name, 'groupUnknown');

  const { data: verified } = await editor.send('recognise.verify', { appid, personId: 'ada' }, { picture: flipped });
  const { data: verifiedByApi } = await app.form('verify', { person_id: 'ada', image: flipped });
  assert.deepEqual([verified.isMatch, verified.likeness.confidence], [true, verifiedByApi.confidence]);
  const { data: compared } = await editor.send('recognise.compare', { appid }, { first: six, second: two });
  const { data: comparedByApi } = await app.form('compare', { imageA: six, imageB: two });
  assert.equal(compared.likeness.confidence, comparedByApi.similarity);
  assert.ok(compared.first.boxes.length > 0 && compared.second.boxes.length > 0);
  const { data: copied } = await editor.send('recognise.compare', { appid }, { first: six, second: six });
  assert.equal(copied.likeness.isSamePicture, true);
});

test('what the face API refuses is refused with its reason, and what was seen of the picture', async () => {
  await enrol('known', await photograph(6));
  const blank = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  const cases: readonly (readonly [unknown, Promise<{ refusal: { name: string; code: number } }>])[] = [
    ['personExists', enrol('known', await photograph(2))],
    ['noFace', enrol('new', blank)],
    ['parameterInvalid', enrol('a b', blank)],
    ['parameterTooLong', enrol('x'.repeat(129), blank)],
    ['parameterTooLong', enrol('new', blank, ['g'], 'n'.repeat(256))],
    ['parameterMissing', enrol('new', blank, [])],
    ['pictureMissing', enrol('new', new Uint8Array(0))],
  ];
  for (const [name, answer] of cases) {
    const { refusal } = await answer;
    assert.deepEqual([refusal.name, refusal.code], [name, refusals[name as keyof typeof refusals].code]);
  }
  const { seen } = await enrol('new', blank);
  assert.deepEqual(seen, { width: 300, height: 200, boxes: [] });
  const { data } = await editor.send('recognise.compare', { appid }, { first: await photograph(6), second: blank });
  assert.deepEqual([data.refusal.name, data.first.chosen, data.second.boxes], ['noFace', 0, []]);
  assert.equal((await app.json('getinfo', { person_id: 'new' })).code, -1303, 'nothing was stored');
});

test('what is no picture does nothing: markup, vectors, an archive of pixels, and bytes that are cut off', async () => {
  const photo = await photograph(6);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  // 10,000 × 10,000 pixels, more than may be, in some kilobytes.
  const bomb = await sharp({
    create: { width: 10_000, height: 10_000, channels: 3, background: '#000' },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 9 })
    .toBuffer();
  for (const [bytes, reasons] of [
    [Buffer.from(svg), ['formatInvalid']],
    [Buffer.from('<!doctype html><script>alert(1)</script>'), ['formatInvalid']],
    [bomb, ['decodeFailed', 'formatInvalid']],
    [photo.subarray(0, 2_000), ['decodeFailed', 'noFace']],
    [Buffer.from('%PDF-1.7'), ['formatInvalid']],
  ] as const) {
    const { status, data } = await editor.send('recognise.analyse', { appid }, { picture: bytes });
    assert.equal(status, 200);
    assert.ok((reasons as readonly string[]).includes(data.refusal?.name), JSON.stringify(data));
  }
});

test('a photograph as a camera makes it is taken, though it is larger than the face API’s, and upright', async () => {
  const upright = await photograph(6);
  const { width = 0, height = 0 } = await sharp(upright).metadata();
  const large = await sharp(upright)
    .resize({ width: width * 2 })
    .rotate(90)
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .withMetadata({ orientation: 8 })
    .toBuffer();
  assert.ok(large.length > 2 * 1024 * 1024, `${large.length}`);
  const { data } = await editor.send('recognise.analyse', { appid }, { picture: large });
  const { seen } = data;
  const isTurned = seen.width > seen.height === width > height;
  assert.ok(isTurned && seen.boxes.length > 0, JSON.stringify(seen));
});

test('an operator sees no other appid, and ten at once are all answered', async () => {
  const picture = await photograph(6);
  const owner = await signIn(app, { role: 'owner', appid: null });
  await owner.call('tenants.add', { new: '4444' });
  assert.equal((await editor.send('recognise.identify', { appid: '4444' }, { picture })).status, 403);
  assert.equal((await owner.send('recognise.identify', { appid: '4445' }, { picture })).status, 404);
  const { data: empty } = await owner.send('recognise.identify', { appid: '4444' }, { picture });
  assert.deepEqual([empty.refusal.name, empty.gallery], ['noGroups', { persons: 0, faces: 0 }]);
  const ten = await Promise.all(
    Array.from({ length: 10 }, () => editor.send('recognise.analyse', { appid }, { picture })),
  );
  assert.deepEqual(new Set(ten.map(({ status, data }) => `${status} ${data.seen?.chosen}`)), new Set(['200 1']));
});

test('the audit names the operator, and usage counts the calls under no key', async () => {
  await enrol('told', await photograph(6));
  await editor.send('recognise.verify', { appid, personId: 'told' }, { picture: await photograph(2) });
  await enrol('told', await photograph(6));
  const { data: audit } = await editor.call('audit.list', { appid, actor: `editor.${appid}`, linesMax: 1000 });
  const told = audit.lines
    .filter(({ ids }: { ids: { persons?: readonly { id?: string }[] } }) => ids.persons?.[0]?.id === 'told')
    .map(({ kind, action, code }: Record<string, string>) => `${kind} ${action} ${code}`);
  assert.deepEqual(told.toSorted(), [
    'operator enrol.person -1302',
    'operator enrol.person 0',
    'operator recognise.verify 0',
  ]);
  const day = new Date().toISOString().slice(0, 10);
  const span = { from: `${day.slice(0, 7)}-01`, to: day };
  const { data: usage } = await editor.call('usage.report', { appid, ...span, by: ['key', 'endpoint'] });
  const rows = usage.rows.filter(({ key }: { key: string }) => key === operatorsKey);
  const calls = Object.fromEntries(rows.map((row: Record<string, string>) => [row.endpoint, row.ok]));
  assert.ok(calls.newperson >= 1 && calls.verify >= 1 && calls.multidentify >= 1, JSON.stringify(calls));
  assert.ok(rows.every(({ pictures }: { pictures: number }) => pictures > 0));
});
