/** Pictures that come with operations: who may send them, and what is read of whom. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { digestOf, forgeryTokenOf, type Grant, makeToken } from '../../src/auth/operators.ts';
import type { OperationName } from '../../src/contract/operator/operations.ts';
import { openAdminServer } from '../../src/http/admin/server.ts';
import type { Upload } from '../../src/http/admin/uploads.ts';
import { uploadOf } from '../operator.ts';
import { apiOf, mapOperators } from './map-operators.ts';

/** A listener whose handlers note what they get. */
async function open() {
  const operators = mapOperators();
  const got: {
    readonly upload: Upload;
    readonly pictures: readonly Uint8Array[];
    /** Whether more was held before the pictures were taken, and how many bytes after. */
    readonly held: readonly [boolean, number];
  }[] = [];
  const note = (_input: unknown, { upload }: { readonly upload: Upload | undefined }): void => {
    const before = upload!.lease.amount;
    const pictures = upload!.take();
    const after = upload!.lease.amount;
    got.push({ upload: upload!, pictures, held: [before > after, after] });
  };
  const api = apiOf(
    {
      'recognise.analyse': async (...asked) => {
        note(...asked);
        return { faces: [] };
      },
      'recognise.compare': async (...asked) => {
        note(...asked);
        return {};
      },
      'enrol.face': async () => ({}),
      'keys.list': async () => ({ keys: [] }),
    },
    operators,
  );
  const metrics = { scrape: async () => '', contentType: 'text/plain' };
  const parts = { metrics, pages: async () => ({ api, files: new Map() }), log: pino({ level: 'silent' }) };
  const admin = await openAdminServer(parts, { host: '127.0.0.1', port: 0, mayMove: false });
  const join = async (grant: Grant): Promise<Record<string, string>> => {
    const [link, token] = [makeToken(), makeToken()];
    const name = `operator${got.length}${link.slice(0, 5)}`;
    await operators.addLink(digestOf(link), name, grant, 0);
    await operators.useLink(digestOf(link), 'hash', 0);
    await operators.addSession(digestOf(token), name, 0);
    return { cookie: `familiar_session_${new URL(admin.url).port}=${token}`, 'x-forgery-token': forgeryTokenOf(token) };
  };
  const send = async (
    name: OperationName,
    body: FormData | string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const response = await fetch(`${admin.url}/api/${name}`, { method: 'POST', body: body as BodyInit, headers });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
    return { status: response.status, data: (await response.json()) as any, headers: response.headers };
  };
  return { url: admin.url, send, join, got, [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose]() };
}

const picture = Uint8Array.of(0xff, 0xd8, 13, 10, 45, 45, 0);
const input = { appid: '1' };

test('the pictures of a form reach the handler byte by byte, in the order of the declaration', async () => {
  await using server = await open();
  const reader = await server.join({ role: 'reader', appid: null });
  const pictures = { second: Uint8Array.of(2), first: picture };
  const { status, data } = await server.send('recognise.compare', uploadOf(input, pictures), reader);
  assert.equal(status, 200, JSON.stringify(data));
  const { upload } = server.got[0]!;
  assert.deepEqual(
    server.got[0]!.pictures.map((bytes) => [...bytes]),
    [[...picture], [2]],
  );
  assert.deepEqual(server.got[0]!.held, [true, picture.length + 1], 'then the pictures are counted, and not the body');
  assert.deepEqual(upload.take(), [], 'they are handed over once');
  assert.ok(server.got[0]!.pictures.every(({ length, buffer }) => length === buffer.byteLength));
  assert.equal(upload.signal.aborted, false);
});

test('nothing is read for who has no session, a forged token or another origin', async () => {
  await using server = await open();
  const [reader, other] = [
    await server.join({ role: 'reader', appid: null }),
    await server.join({ role: 'reader', appid: null }),
  ];
  const form = () => uploadOf(input, { picture });
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{}, 401],
    [{ cookie: 'familiar_session=x', 'x-forgery-token': 'y' }, 401],
    [{ cookie: reader.cookie! }, 403],
    [{ ...reader, 'x-forgery-token': other['x-forgery-token']! }, 403],
    [{ ...reader, origin: 'http://evil.example' }, 403],
    [{ ...reader, 'sec-fetch-site': 'cross-site' }, 403],
  ];
  for (const [headers, status] of cases) {
    assert.equal((await server.send('recognise.analyse', form(), headers)).status, status, JSON.stringify(headers));
  }
  assert.equal(server.got.length, 0);
  // Whoever has no session is answered before a body of any length has come.
  const { port } = new URL(server.url);
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () => {
      const head = ['POST /api/recognise.analyse HTTP/1.1', 'Host: x', 'Content-Type: multipart/form-data; boundary=b'];
      socket.write(`${[...head, 'Content-Length: 90000'].join('\r\n')}\r\n\r\n--b`);
    });
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('"signIn"')) socket.destroy();
    });
    socket.on('close', () => resolve(text)).on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 401 /);
});

test('an operator sends pictures for the appids of the grant, and enrols only as an editor', async () => {
  await using server = await open();
  const cases: readonly (readonly [Grant, OperationName, unknown, number])[] = [
    [{ role: 'reader', appid: '1' }, 'recognise.analyse', input, 200],
    [{ role: 'reader', appid: '2' }, 'recognise.analyse', input, 403],
    [{ role: 'reader', appid: '1' }, 'recognise.analyse', {}, 400],
    [{ role: 'reader', appid: '1' }, 'enrol.face', { ...input, personId: 'p' }, 403],
    [{ role: 'editor', appid: '2' }, 'enrol.face', { ...input, personId: 'p' }, 403],
    [{ role: 'editor', appid: '1' }, 'enrol.face', { ...input, personId: 'p' }, 200],
  ];
  for (const [grant, name, body, expected] of cases) {
    const { status } = await server.send(name, uploadOf(body, { picture }), await server.join(grant));
    assert.equal(status, expected, JSON.stringify([grant, name]));
  }
});

test('what is no form, lacks a part, has one twice, or is too large, is refused', async () => {
  await using server = await open();
  const reader = await server.join({ role: 'reader', appid: null });
  const json = { ...reader, 'content-type': 'application/json' };
  const twice = uploadOf(input, { picture });
  twice.append('picture', new Blob([picture]));
  const noJson = new FormData();
  noJson.append('input', new Blob(['{']));
  noJson.append('picture', new Blob([picture]));
  const cases: readonly (readonly [FormData | string, Record<string, string>, RegExp])[] = [
    [JSON.stringify(input), json, /multipart/],
    ['x', { ...reader, 'content-type': 'multipart/form-data' }, /boundary/],
    ['x', { ...reader, 'content-type': 'text/plain' }, /content type/],
    [uploadOf(input, {}), reader, /picture is missing/],
    [twice, reader, /more than one part picture/],
    [noJson, reader, /not JSON/],
    [uploadOf({ appid: '1', more: 1 }, { picture }), reader, /more/],
    [uploadOf(input, { picture: new Uint8Array(100_000) }), reader, /bodyTooLarge/],
  ];
  for (const [body, headers, says] of cases) {
    const { status, data } = await server.send('recognise.analyse', body, headers);
    assert.equal(status, 400, String(says));
    assert.match(data.error.message, says);
  }
  assert.equal(server.got.length, 0);
  const form = uploadOf(input, { picture });
  assert.equal((await server.send('keys.list', form, reader)).status, 400, 'where no pictures are asked for');
});

test('bodies share a memory, and who finds none is told to come again', async () => {
  await using server = await open();
  const reader = await server.join({ role: 'reader', appid: null });
  const { port } = new URL(server.url);
  const head = (length: number) =>
    [
      'POST /api/recognise.analyse HTTP/1.1',
      `Host: x:${port}`,
      'Content-Type: multipart/form-data; boundary=b',
      `Cookie: ${reader.cookie}`,
      `X-Forgery-Token: ${reader['x-forgery-token']}`,
      `Content-Length: ${length}`,
    ].join('\r\n');
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${head(95_000)}\r\n\r\n--b`);
  let answer = await server.send('recognise.analyse', uploadOf(input, { picture: new Uint8Array(70_000) }), reader);
  for (let i = 0; answer.status === 200 && i < 50; i++) {
    answer = await server.send('recognise.analyse', uploadOf(input, { picture: new Uint8Array(70_000) }), reader);
  }
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '1']);
  socket.destroy();
  for (let i = 0; answer.status !== 200 && i < 50; i++) {
    answer = await server.send('recognise.analyse', uploadOf(input, { picture: new Uint8Array(70_000) }), reader);
  }
  assert.equal(answer.status, 200, 'who went away holds nothing');
});
