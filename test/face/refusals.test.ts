import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { sign } from '../../src/auth/signature.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

/** The register as a caller can see it, to show that a refusal changed nothing. */
async function visible(): Promise<unknown> {
  const groups = await app.json('getgroupids', {});
  const ids: string[] = groups.data?.group_ids ?? [];
  return Promise.all(ids.map(async (group_id) => (await app.json('getpersonids', { group_id })).data));
}

async function newperson(image: Uint8Array): Promise<number> {
  const { code, data } = await app.form('newperson', { person_id: 'p', group_ids: ['g'], image });
  assert.equal(data, undefined, 'a refusal carries no data');
  return code;
}

test('a picture that is none has its code, and no person exists afterwards', async () => {
  const jpeg = await photograph(1);
  const cases: [string, Uint8Array, number][] = [
    ['an empty picture', Buffer.alloc(0), -1300],
    ['two bytes of JPEG', jpeg.subarray(0, 2), -1102],
    ['half a JPEG', jpeg.subarray(0, jpeg.length >> 1), -1102],
    ['a text file named .jpg', Buffer.from('this is not a picture\n'), -1400],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), -1400],
    ['a PDF', Buffer.from('%PDF-1.7\n%%EOF'), -1400],
    ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251)), -1400],
  ];
  for (const [what, image, code] of cases) assert.equal(await newperson(image), code, what);
  assert.equal((await app.json('getinfo', { person_id: 'p' })).code, -1303);
  assert.equal((await app.json('getgroupids', {})).code, -1307);
});

test('a picture without a face is -1101, and no person exists afterwards', async () => {
  const { default: sharp } = await import('sharp');
  const wall = await sharp(await photograph(1))
    .extract({ left: 100, top: 0, width: 300, height: 120 })
    .jpeg()
    .toBuffer();
  assert.equal(await newperson(wall), -1101);
  assert.equal((await app.json('getinfo', { person_id: 'p' })).code, -1303);
});

test('a body or a picture that is too large is 23 with HTTP 413', async () => {
  const large = await app.form('newperson', {
    person_id: 'p',
    group_ids: ['g'],
    image: Buffer.alloc(1.5 * 2 ** 20 + 1, 1),
  });
  assert.deepEqual([large.code, large.status], [23, 413]);
  const huge = await app.send('/face/getinfo', {
    method: 'POST',
    headers: { authorization: app.sign(), 'content-type': 'application/json' },
    body: Buffer.alloc(32 * 2 ** 20 + 1, 32),
  });
  assert.deepEqual([huge.code, huge.status], [23, 413]);
});

test('a missing, empty, overlong or ill-typed parameter has its code', async () => {
  const image = (await photograph(1)).toString('base64');
  const good = { person_id: 'p', group_ids: ['g'], image };
  const code = async (fields: Record<string, unknown>) => (await app.json('newperson', { ...good, ...fields })).code;
  assert.equal(await code({ person_id: undefined }), -1301);
  assert.equal(await code({ person_id: '' }), -1301);
  assert.equal(await code({ group_ids: [] }), -1301);
  assert.equal(await code({ image: undefined }), -1300);
  assert.equal(await code({ person_id: 'x'.repeat(129) }), -1304);
  assert.equal(await code({ person_name: 'x'.repeat(256) }), -1304);
  assert.equal(await code({ person_id: 7 }), 21);
  assert.equal(await code({ group_ids: ['a b'] }), 21);
  assert.equal((await app.json('delface', { person_id: 'p' })).code, -1301);
  assert.equal((await app.json('getpersonids', {})).code, -1301);
  assert.equal((await app.json('addface', { person_id: 'p' })).code, -1300);
  assert.equal((await app.json('getinfo', { appid: undefined, person_id: 'p' })).code, -1301);
});

test('a body that cannot be parsed is 3', async () => {
  const send = (contentType: string | undefined, body: string) =>
    app.send('/face/getinfo', {
      method: 'POST',
      headers: { authorization: app.sign(), ...(contentType === undefined ? {} : { 'content-type': contentType }) },
      body: Buffer.from(body),
    });
  for (const [type, body] of [
    ['application/json', '{'],
    ['application/json', '[]'],
    ['application/json', ''],
    ['text/plain', '{}'],
    ['nonsense', '{}'],
    [undefined, '{}'],
    ['multipart/form-data', '--x--'],
    ['multipart/form-data; boundary=x', 'nothing'],
  ] as const) {
    const answer = await send(type, body);
    assert.deepEqual([answer.code, answer.status], [3, 400], `${type}: ${body}`);
  }
});

test('an unknown path is 404, a wrong method 405, each in the envelope with code 3', async () => {
  const unknown = await app.send('/face/nothing', { method: 'POST' });
  assert.deepEqual([unknown.code, unknown.status], [3, 404]);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const wrong = await app.send('/face/newperson', { method });
    assert.deepEqual([wrong.code, wrong.status, wrong.headers.get('allow')], [3, 405, 'POST']);
  }
  assert.equal((await app.send('/%zz', { method: 'GET' })).code, 3);
});

test('every answer says what it is and how long, and carries the request’s id', async () => {
  for (const answer of [
    await app.json('getgroupids', {}),
    await app.send('/nothing', { method: 'GET' }),
    await app.send('/healthz', {}),
  ]) {
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(answer.text)));
    assert.match(answer.headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/);
  }
});

test('each fault of a signature has its code, and a body for another target is 6', async () => {
  const { appid, secretId, secretKey } = app.key;
  const now = Math.floor(Date.now() / 1000);
  const other = { ...app.key, appid: '8', secretId: 'other', secretKey: 'key' };
  await app.app.stores.keys.addKey(other, []);
  const good = { appid, secretId, madeAt: now, expires: now + 60 };
  const code = async (authorization: string, fields: Record<string, unknown> = {}) =>
    (await app.json('getgroupids', fields, { authorization })).code;
  assert.equal(await code(''), 4);
  assert.equal(await code('nonsense'), 5);
  assert.equal(await code(sign({ ...good, expires: now + 91 * 86400 }, secretKey)), 5);
  assert.equal(await code(sign({ ...good, appid: '9' }, secretKey)), 10);
  assert.equal(await code(sign({ ...good, secretId: 'unknown' }, secretKey)), 11);
  assert.equal(await code(sign({ ...good, secretId: 'other' }, 'key')), 12);
  assert.equal(await code(sign(good, 'wrong')), 14);
  assert.equal(await code(sign({ ...good, madeAt: now - 100, expires: now - 1 }, secretKey)), 9);
  const once = sign({ ...good, expires: 0, file: 'x' }, secretKey);
  assert.equal(await code(once), -1307);
  assert.equal(await code(once), 13);
  assert.equal(await code(sign(good, secretKey), { appid: '8' }), 6);
  assert.equal(await code(sign({ ...good, bucket: 'a' }, secretKey), { bucket: 'b' }), 6);
  assert.equal(await code(sign({ ...good, bucket: 'a' }, secretKey), { bucket: '' }), -1307);
  assert.equal(await code(sign(good, secretKey), { bucket: 'b' }), -1307);
  await app.app.stores.keys.revokeKey('other', Date.now());
  assert.equal(await code(sign({ ...good, appid: '8', secretId: 'other' }, 'key')), 11, 'revoked');
});

test('an appid that is over its rate is 15 with HTTP 429', async () => {
  await using limited = await startApp({ callsPerSecondMax: 2 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => limited.json('getgroupids', {})));
  const refused = answers.filter(({ code }) => code === 15);
  assert.ok(refused.length >= 2, `${refused.length} of 6 were refused`);
  assert.ok(refused.every(({ status }) => status === 429));
});

test('a refusal loses nothing that was there', async () => {
  assert.equal(
    (await app.form('newperson', { person_id: 'kept', group_ids: ['g'], image: await photograph(1) })).code,
    0,
  );
  const before = await visible();
  await newperson((await photograph(1)).subarray(0, 2));
  await app.json('newperson', { person_id: 'kept', group_ids: ['h'], url: 'http://127.0.0.1:1/x.jpg' });
  assert.equal(
    (await app.json('newperson', { person_id: 'q', group_ids: ['h'], url: 'http://127.0.0.1:1/x.jpg' })).code,
    -1308,
  );
  assert.equal(
    (await app.json('newperson', { person_id: 'q', group_ids: ['h'], url: 'http://169.254.169.254/' })).code,
    -1308,
  );
  assert.equal(
    (await app.json('newperson', { person_id: 'q', group_ids: ['h'], url: 'file:///etc/passwd' })).code,
    -1308,
  );
  assert.deepEqual(await visible(), before);
});
