import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, suite, test } from 'node:test';
import { openPictures, type PictureName, type Pictures } from './pictures.ts';
import { type Data, Registry } from './registry.ts';
import { openServer, type Server } from './server.ts';

/** What the client's methods take. */
interface Params {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly formData?: Record<string, unknown>;
  readonly headers?: Readonly<Record<string, string>>;
}
/** The official client, which is CommonJS and has no types. */
interface ImageClient {
  setHost(host: string): this;
  setProtocol(protocol: string): this;
  setProxy(proxy: string): this;
}
type Method = (params: Params) => Promise<{ statusCode: number; body: string }>;
const { ImageClient } = createRequire(import.meta.url)('image-node-sdk') as {
  ImageClient: (new (key: {
    AppId: string;
    SecretId: string;
    SecretKey: string;
  }) => ImageClient) & {
    prototype: object;
  };
};

let server: Server;
let pictures: Pictures;
let client: ImageClient;
let registry: Registry;
const run = new Set<string>();

before(async () => {
  pictures = await openPictures();
  server = await openServer(1);
  const [account] = server.accounts as [Server['accounts'][number]];
  registry = new Registry(server.url, account, pictures);
  const { appid: AppId, secretId: SecretId, secretKey: SecretKey } = account;
  client = new ImageClient({ AppId, SecretId, SecretKey }).setHost(new URL(server.url).host).setProtocol('http:');
});
after(async () => {
  console.log(`\nimage-node-sdk 1.0.7, live: ${[...run].join(', ')}\n`);
  await server[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

async function call(method: string, params: Params): Promise<Data> {
  const response = await methodOf(method)(params);
  const { code, message, data } = JSON.parse(response.body);
  assert.deepEqual([response.statusCode, code, message], [200, 0, 'OK'], response.body);
  run.add(method);
  return data;
}

function methodOf(name: string): Method {
  return (client as unknown as Record<string, Method>)[name]!.bind(client);
}

const json = (method: string, data: Readonly<Record<string, unknown>>): Promise<Data> => call(method, { data });
/** The client takes files as `request` does: bytes with a name. */
const form = (method: string, formData: Record<string, unknown>): Promise<Data> =>
  call(method, { formData, headers: { 'content-type': 'multipart/form-data' } });
const file = (name: PictureName) => ({
  value: pictures.bytes[name],
  options: { filename: `${name}.jpg`, contentType: 'image/jpeg' },
});

suite('the official Node client, unchanged, does with every face method what it says', () => {
  test('faceNewPerson, faceGetInfo, faceSetInfo', async () => {
    await registry.ensureAbsent('sdk');
    await registry.ensureAbsent('sdk2');
    const url = pictures.urlOf('ada');
    const made = await json('faceNewPerson', { person_id: 'sdk', group_ids: ['sdk-a', 'sdk-b'], url, tag: 't' });
    assert.deepEqual([made.suc_face, made.group_ids], [1, ['sdk-a', 'sdk-b']]);
    const group = { 'group_ids[0]': 'sdk-a', 'group_ids[1]': 'sdk-c' };
    await form('faceNewPerson', { person_id: 'sdk2', ...group, image: file('bea') });
    await json('faceSetInfo', { person_id: 'sdk', person_name: '名字' });
    const info = await json('faceGetInfo', { person_id: 'sdk' });
    assert.deepEqual([info.person_name, info.tag, info.face_ids], ['名字', 't', [made.face_id]]);
  });

  test('faceGetGpIds, faceGetPersonIds, faceAddGPIds, faceDelGPIds', async () => {
    const { group_ids } = await json('faceGetGpIds', {});
    for (const id of ['sdk-a', 'sdk-b', 'sdk-c']) assert.ok(group_ids.includes(id), id);
    assert.deepEqual((await json('faceGetPersonIds', { group_id: 'sdk-a' })).person_ids, ['sdk', 'sdk2']);
    const joined = await json('faceAddGPIds', { person_id: 'sdk', group_ids: ['sdk-d'] });
    assert.deepEqual([joined.added, joined.group_ids], [1, ['sdk-a', 'sdk-b', 'sdk-d']]);
    const left = await json('faceDelGPIds', { person_id: 'sdk', group_ids: ['sdk-d'] });
    assert.deepEqual([left.deleted, left.group_ids], [1, ['sdk-a', 'sdk-b']]);
  });

  test('faceAddFace, faceGetFaceIds, faceDelFace', async () => {
    const byUrl = await json('faceAddFace', { person_id: 'sdk', urls: [pictures.urlOf('bea')] });
    const images = { 'images[0]': file('cleo'), 'images[1]': file('ada') };
    const bySending = await form('faceAddFace', { person_id: 'sdk', ...images });
    assert.deepEqual([byUrl.ret_codes, bySending.ret_codes], [[0], [0, -1312]]);
    const { face_ids } = await json('faceGetFaceIds', { person_id: 'sdk' });
    assert.deepEqual(face_ids.slice(1), [...byUrl.face_ids, bySending.face_ids[0]]);
    const gone = await json('faceDelFace', { person_id: 'sdk', face_ids: face_ids.slice(1) });
    assert.equal(gone.deleted, 2);
  });

  test('faceDetect, faceShape, faceCompare', async () => {
    const [url, urlB] = [pictures.urlOf('ada'), pictures.urlOf('ada again')];
    assert.equal((await json('faceDetect', { url, mode: 1 })).face.length, 1);
    assert.equal((await form('faceDetect', { image: file('ada'), mode: 0 })).face.length, 1);
    assert.equal((await json('faceShape', { url })).face_shape.length, 1);
    assert.ok((await json('faceCompare', { urlA: url, urlB })).similarity >= 80);
    assert.ok((await form('faceCompare', { imageA: file('ada'), imageB: file('ada again') })).similarity >= 80);
  });

  test('faceVerify, faceIdentify, faceMultiple', async () => {
    const url = pictures.urlOf('ada again');
    assert.equal((await json('faceVerify', { person_id: 'sdk', url })).ismatch, true);
    assert.equal((await json('faceIdentify', { group_id: 'sdk-a', url })).candidates[0].person_id, 'sdk');
    const { results } = await json('faceMultiple', { group_ids: ['sdk-a', 'sdk-b'], url });
    assert.equal(results[0].candidates[0].person_id, 'sdk');
    const { candidates } = await form('faceIdentify', { group_id: 'sdk-a', image: file('ada again') });
    assert.equal(candidates[0].person_id, 'sdk');
  });

  test('faceDelPerson', async () => {
    for (const person_id of ['sdk', 'sdk2']) assert.equal((await json('faceDelPerson', { person_id })).deleted, 1);
  });

  test('as its proxy, too', async () => {
    const { appid: AppId, secretId: SecretId, secretKey: SecretKey } = server.accounts[0]!;
    const direct = client;
    // With a proxy the client goes on naming the old host; it must be told to call http.
    client = new ImageClient({ AppId, SecretId, SecretKey })
      .setHost('recognition.image.myqcloud.com')
      .setProtocol('http:')
      .setProxy(server.url);
    assert.equal((await json('faceDetect', { url: pictures.urlOf('ada') })).face.length, 1);
    client = direct;
  });

  test('what it does not have an address for fails in the client itself', () => {
    assert.throws(() => methodOf('faceGetFaceInfo')({ data: { face_id: '1' } }), { message: 'ERR_NO_SERVICE' });
  });

  test('no face method was left out', () => {
    const methods = Object.getOwnPropertyNames(ImageClient.prototype).filter((name) => name.startsWith('face'));
    // Fusion, liveness and identity cards were services of their own.
    const others = /^face(Fuse|Live|IdCard)/;
    const missing = methods.filter((name) => !others.test(name) && !run.has(name)).sort();
    assert.deepEqual(missing, ['faceGetFaceInfo']);
  });
});
