import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { type Client, createClient, RefusalError, refusalCodes } from 'familiar/client';
import fc from 'fast-check';
import { isAuthentic, parseSignature } from '../../src/auth/signature.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { refusals } from '../../src/contract/refusals.ts';
import { type Pictures, servePictures } from '../docs/world.ts';
import { root, signFor, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
let pictures: Pictures;
let familiar: Client;
before(async () => {
  pictures = await servePictures();
  app = await startApp();
  const { appid, secretId, secretKey } = app.key;
  familiar = createClient({ url: app.app.url, appid, secretId, secretKey });
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

test('there is a method for every endpoint and a code for every refusal', () => {
  assert.deepEqual(Object.keys(familiar), Object.keys(endpoints));
  const codes = Object.entries(refusals).map(([name, { code }]) => [name, code]);
  assert.deepEqual(Object.entries(refusalCodes), codes);
});

test('a person lives and ends through the client, with pictures as url, bytes and blob', async () => {
  const bytes = new Uint8Array(await pictures.open('ada.jpg'));
  const forms = [`${pictures.url}/ada.jpg`, new URL(`${pictures.url}/ada.jpg`), bytes, new Blob([bytes])];
  for (const [i, picture] of forms.entries()) {
    const person_id = `人物${i}`;
    const made = await familiar.newperson({
      person_id,
      group_ids: ['组', 'b'],
      person_name: '名字',
      tag: undefined,
      picture,
    });
    assert.deepEqual([made.suc_group, made.suc_face, made.person_id], [2, 1, person_id]);
    const info = await familiar.getinfo({ person_id });
    assert.deepEqual([info.person_name, info.tag, info.face_ids], ['名字', '', [made.face_id]]);
    assert.equal((await familiar.delperson({ person_id })).deleted, 1);
  }
});

test('a list of pictures is sent in its order, as urls or as bytes, and never mixed', async () => {
  const other = new Uint8Array(await pictures.open('other.jpg'));
  await familiar.newperson({ person_id: 'lists', group_ids: ['g'], picture: other });
  const names = ['sea.jpg', 'ada.jpg'];
  const urls = await familiar.addface({ person_id: 'lists', pictures: names.map((name) => `${pictures.url}/${name}`) });
  assert.deepEqual(urls.ret_codes, [refusalCodes.noFace, 0]);
  await familiar.delface({ person_id: 'lists', face_ids: urls.face_ids.filter((id) => id !== '') });
  const bytes = await Promise.all(names.map(async (name) => new Uint8Array(await pictures.open(name))));
  const sent = await familiar.addface({ person_id: 'lists', pictures: bytes });
  assert.deepEqual(sent.ret_codes, [refusalCodes.noFace, 0]);
  await assert.rejects(familiar.addface({ person_id: 'lists', pictures: ['http://x/', other] }), TypeError);
});

test('a refusal is an error that knows its code, its status and the request', async () => {
  await assert.rejects(familiar.getinfo({ person_id: 'nobody' }), (error: unknown) => {
    assert.ok(error instanceof RefusalError);
    assert.deepEqual(
      [error.code, error.status, error.is('personUnknown'), error.is('noFace')],
      [-1303, 200, true, false],
    );
    assert.match(error.requestId, /^[\da-f-]{36}$/);
    assert.match(error.message, /^ERROR_PERSON_NOT_EXISTED/);
    return true;
  });
  const { appid, secretId } = app.key;
  const forged = createClient({ url: app.app.url, appid, secretId, secretKey: 'wrong' });
  await assert.rejects(
    forged.getgroupids(),
    (error: unknown) => error instanceof RefusalError && error.is('signatureWrong'),
  );
});

test('signatures may be made elsewhere', async () => {
  const signed = createClient({ url: `${app.app.url}/`, appid: app.key.appid, sign: async () => signFor(app.key) });
  await familiar.newperson({ person_id: 'signed', group_ids: ['elsewhere'], picture: `${pictures.url}/ada.jpg` });
  assert.deepEqual((await signed.getpersonids({ group_id: 'elsewhere' })).person_ids, ['signed']);
});

test('signatures are those of the contract, whatever the credentials', async () => {
  const word = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .map((text) => text.replace(/[&=\s]/gu, '_'));
  await fc.assert(
    fc.asyncProperty(word, word, word, word, async (appid, secretId, secretKey, bucket) => {
      let header: string | undefined;
      await using server = await listen((request, response) => {
        header = request.headers.authorization;
        response.end('{"code":0,"message":"OK","data":{}}');
      });
      await createClient({ url: server.url, appid, secretId, secretKey, bucket }).getgroupids();
      const signature = parseSignature(header, Math.floor(Date.now() / 1000));
      assert.deepEqual([signature.appid, signature.secretId, signature.bucket], [appid, secretId, bucket]);
      assert.ok(isAuthentic(signature, secretKey));
    }),
    { numRuns: 50 },
  );
});

test('a call ends when its signal or its deadline says so', async () => {
  await using silent = await listen(() => {});
  const { appid, secretId, secretKey } = app.key;
  const patient = createClient({ url: silent.url, appid, secretId, secretKey });
  const stop = new AbortController();
  const call = patient.getgroupids({}, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
  const hasty = createClient({ url: silent.url, appid, secretId, secretKey, timeoutMs: 50 });
  await assert.rejects(hasty.getgroupids(), { name: 'TimeoutError' });
});

test('what is no answer of familiar is not taken for one', async () => {
  for (const body of ['<html>502 Bad Gateway</html>', 'null', '{"code":"0"}', '[]']) {
    await using proxy = await listen((_request, response) => response.writeHead(502).end(body));
    const { appid, secretId, secretKey } = app.key;
    const call = createClient({ url: proxy.url, appid, secretId, secretKey }).getgroupids();
    await assert.rejects(call, /answered 502 with what is no answer of familiar/);
  }
});

test('the client imports nothing but itself, and compiles without the types of Node', () => {
  const folder = join(root, 'src', 'client');
  const files = readdirSync(folder).map((file) => join(folder, file));
  for (const file of files) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g))
      assert.match(target as string, /^\.\/[\w-]+\.ts$/);
  }
  const flags =
    '--ignoreConfig --noEmit --strict --target esnext --module nodenext --lib esnext,dom --allowImportingTsExtensions';
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, ...flags.split(' '), '--types', '', ...files], { cwd: root });
});

/** Starts a server that answers like this on a free port. */
async function listen(answer: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
