/** The operator's listener as an attacker would try it: every operation, sessions, paths, headers, bodies and guesses. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { isGranted } from '../../src/auth/operators.ts';
import { hashPassword } from '../../src/auth/passwords.ts';
import type { Operation } from '../../src/contract/operator/operation.ts';
import { type OperationName, operations } from '../../src/contract/operator/operations.ts';
import type { OperationHandlers } from '../../src/http/admin/api.ts';
import { tokenOf } from '../../src/http/admin/headers.ts';
import type { OperationError } from '../../src/http/admin/operation-error.ts';
import { networkOf, SlowedGuesses } from '../../src/http/admin/slowed-guesses.ts';
import { uploadOf } from '../operator.ts';
import { everything, openListener, password } from './operator-listener.ts';

const names = Object.keys(operations) as OperationName[];

/** Handlers of every operation but those of sessions, that note what they were asked for. */
function noting(asked: string[]): Partial<OperationHandlers> {
  const others = names.filter((name) => !name.startsWith('session.') && !name.startsWith('passkeys.'));
  const note = (name: OperationName) => async () => {
    asked.push(name);
    return {};
  };
  return Object.fromEntries(others.map((name) => [name, note(name)]));
}

/** Sends bytes, and answers with what came until the head of the answer was there, or the connection was closed. */
async function raw(url: string, request: string, localAddress = '127.0.0.1'): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, localAddress });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (/\r\n\r\n/.test(text)) socket.destroy();
  });
  socket.on('error', () => {});
  socket.write(request);
  await once(socket, 'close');
  return text;
}

test('no operation is done without a session, its token and its page, and none beyond a role or an appid', async () => {
  const asked: string[] = [];
  await using server = await openListener(noting(asked));
  const owner = await server.join('owner', everything);
  const other = await server.join('other', everything);
  const reader = await server.join('reader', { role: 'reader', appid: null });
  const stranger = await server.join('stranger', { role: 'owner', appid: 'theirs' });
  const { cookie } = owner;
  for (const name of names) {
    const { right, isPersonal, input, pictures }: Operation = operations[name];
    if (right === 'anybody') continue;
    const hasAppid = 'appid' in input.shape;
    const said = hasAppid ? { appid: 'ours' } : {};
    const body =
      pictures === undefined
        ? said
        : uploadOf(said, Object.fromEntries(pictures.map((picture) => [picture, Uint8Array.of(1)])));
    const status = async (headers: Record<string, string>) => (await server.ask(name, body, headers)).status;
    assert.equal(await status({}), 401, name);
    assert.equal(await status({ ...server.as(owner), cookie: 'familiar_session=invented' }), 401, name);
    if (name !== 'session.show') assert.equal(await status({ cookie }), 403, `${name} without a token`);
    if (name !== 'session.show') {
      const forged = { cookie, 'x-forgery-token': other.forgeryToken };
      assert.equal(await status(forged), 403, `${name} with the token of another session`);
    }
    assert.equal(await status({ ...server.as(owner), origin: 'http://evil.example' }), 403, `${name} of another page`);
    if (!isGranted({ role: 'reader', appid: null }, right, undefined)) {
      assert.equal(await status(server.as(reader)), 403, `${name} by a reader`);
    }
    if (isPersonal !== true) assert.equal(await status(server.as(stranger)), 403, `${name} by a stranger`);
    // Where an appid is said, it has to be: what has none is about the installation.
    if (hasAppid)
      assert.ok(
        input.safeParse({}).error?.issues.some(({ path }) => path[0] === 'appid'),
        name,
      );
  }
  assert.deepEqual(asked, []);
});

test('whose role allows it for no appid is refused before a body has come', async () => {
  await using server = await openListener();
  const reader = await server.join('reader', { role: 'reader', appid: '1' });
  const head = [
    'POST /api/enrol.face HTTP/1.1',
    'Host: x',
    `Cookie: ${reader.cookie}`,
    `X-Forgery-Token: ${reader.forgeryToken}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 90000',
  ];
  // The name of the cookie tells the port that the page was reached by.
  const { port } = new URL(server.url);
  const answer = await raw(server.url, `${head.join('\r\n').replace('Host: x', `Host: x:${port}`)}\r\n\r\n--b`);
  assert.match(answer, /^HTTP\/1\.1 403 /);
});

test('a sign-in never takes a session that was brought along, and each begins another one', async () => {
  await using server = await openListener();
  const ada = await server.join('ada', everything);
  const planted = `familiar_session_${new URL(server.url).port}=${'A'.repeat(43)}`;
  const tokens = [];
  for (const cookie of [planted, ada.cookie, planted]) {
    const { status, headers } = await server.ask('session.signIn', { name: 'ada', password }, { cookie });
    assert.equal(status, 200);
    tokens.push(headers.get('set-cookie')!.split(';')[0]!);
  }
  assert.equal(new Set([planted, ada.cookie, ...tokens]).size, 5);
  assert.equal((await server.ask('session.show', {}, { cookie: planted })).status, 401);
});

test('the cookie of a page over https is never sent without it, nor put there by a neighbouring host', async () => {
  await using server = await openListener();
  await server.join('ada', everything);
  const { host, port } = new URL(server.url);
  const begun = await server.ask('session.signIn', { name: 'ada', password }, { origin: `https://${host}` });
  const cookie = begun.headers.get('set-cookie')!;
  assert.match(
    cookie,
    new RegExp(`^__Host-familiar_session_${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Secure$`),
  );
  const [own] = cookie.split(';');
  const planted = `familiar_session_${port}=${'A'.repeat(43)}`;
  for (const cookies of [`${planted}; ${own}`, `${own}; ${planted}`]) {
    const { data } = await server.ask('session.show', {}, { cookie: cookies });
    assert.equal(data.operator.name, 'ada', cookies);
  }
  const as = { cookie: own!, 'x-forgery-token': begun.data.forgeryToken, origin: `https://${host}` };
  const ended = (await server.ask('session.signOut', {}, as)).headers.get('set-cookie')!;
  assert.match(ended, /^__Host-.*=; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=0$/);
});

test('servers on the ports of one host do not end each other’s sessions', () => {
  const cookie = 'familiar_session_8081=a; familiar_session=b; familiar_session_8082=c';
  assert.deepEqual(
    ['localhost:8081', '[::1]:8082', 'faces.example', 'faces.example:9', undefined].map((host) =>
      tokenOf({ host, cookie }),
    ),
    ['a', 'c', 'b', undefined, 'b'],
  );
});

test('no path leads anywhere but to what is listed, however it is written', async () => {
  await using server = await openListener();
  for (const path of [
    '/api/__proto__',
    '/api/constructor',
    '/api/keys.list/',
    '/api//keys.list',
    '/api/keys.list%00',
    '/api/../metrics/..%2f',
    '/..%2f..%2fetc/passwd',
    '/assets/..%5c..%5cpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/%00',
    '/assets/%E0%A4%A',
    `/${'a/'.repeat(2_000)}`,
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await raw(server.url, `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 (400|401|403|404) /, `${method} ${path}`);
    }
  }
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE']) {
    const answer = await raw(server.url, `${method} /api/session.show HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 404 /, method);
    assert.doesNotMatch(answer, /access-control/i, method);
  }
});

test('what is sent comes back in no header, and a line that ends early begins none', async () => {
  await using server = await openListener();
  const line = 'a%0d%0aSet-Cookie:%20familiar_session=x';
  for (const request of [
    `GET /api/crop?appid=${line}&face=${line} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /${line} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${line}\r\n\r\n`,
    `POST /api/session.signIn HTTP/1.1\r\nHost: x:1%0d%0a\r\nOrigin: https://x:1\r\nContent-Length: 0\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: familiar_session=a\rSet-Cookie: b\r\n\r\n`,
    'POST /api/session.show HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]) {
    const answer = await raw(server.url, request);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, request);
    assert.doesNotMatch(answer.split('\r\n\r\n')[0]!, /set-cookie|familiar_session/i, request);
  }
});

test('a body that is huge, deep, or no JSON is refused, and changes no object of the program', async () => {
  await using server = await openListener();
  const send = (body: string, length = Buffer.byteLength(body)) =>
    raw(
      server.url,
      `POST /api/session.signIn HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
  for (const [body, length] of [
    ['{', 2 ** 40],
    ['{', 1024 * 1024 + 1],
    ['{"name":"ada","password":"x","__proto__":{"isOwner":true}}'],
    ['{"constructor":{"prototype":{"isOwner":true}},"name":"ada","password":"x"}'],
    [`{"name":${'['.repeat(100_000)}${']'.repeat(100_000)},"password":"x"}`],
    ['"ada"'],
    ['null'],
    ['[]'],
    ['{"name":["ada"],"password":{"$ne":""}}'],
    [`{"name":"ada","password":"${'x'.repeat(257)}"}`],
  ] as const) {
    assert.match(await send(body, length), /^HTTP\/1\.1 400 /, body.slice(0, 60));
  }
  assert.equal(({} as { isOwner?: boolean }).isOwner, undefined);
});

test('guesses of one name from many addresses wait, and so do those of many names from one', async () => {
  await using server = await openListener();
  await server.join('ada', everything);
  await server.join('bob', everything);
  /** Linux has all addresses of 127.0.0.0/8. */
  const from = async (address: string, name: string, given = 'wrong') => {
    const body = JSON.stringify({ name, password: given });
    const head = ['Host: x', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    const request = `POST /api/session.signIn HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`;
    const localAddress = process.platform === 'linux' ? address : '127.0.0.1';
    return Number((await raw(server.url, request, localAddress)).slice(9, 12));
  };
  const statuses = [];
  for (let i = 1; i <= 6; i++) statuses.push(await from(`127.0.0.${i}`, 'ada'));
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  server.clock.ms += 20 * 60_000;
  for (let i = 0; i < 5; i++) assert.equal(await from('127.0.0.9', `nobody${i}`), 401);
  assert.equal(await from('127.0.0.9', 'bob', password), 429, 'the address waits, whatever the name');
  server.clock.ms += 20 * 60_000;
  assert.equal(await from('127.0.0.9', 'bob', password), 200, 'and then no more');
});

test('guesses of all addresses of a network are those of one', () => {
  assert.deepEqual(
    ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8:0:7::1', '2001:db8:0:7:ffff::2', '2001:db8:0:8::1', '::1'].map(networkOf),
    ['10.1.2.3', '10.1.2.3', '2001:db8:0:7::/64', '2001:db8:0:7::/64', '2001:db8:0:8::/64', '0:0:0:0::/64'],
  );
});

test('passwords are tried one at a time, from however many addresses, and too many are told to come again', async () => {
  const guesses = new SlowedGuesses(() => 0);
  const hash = await hashPassword(password);
  const tries = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => guesses.tryPassword(`10.0.0.${i}`, i === 0 ? password : 'wrong', hash)),
  );
  const tried = tries.filter(({ status }) => status === 'fulfilled');
  assert.deepEqual([tried.length, tried[0]], [17, { status: 'fulfilled', value: true }]);
  for (const one of tries.slice(17)) {
    assert.equal(one.status === 'rejected' && (one.reason as OperationError).code, 'slowDown');
  }
  assert.equal(await guesses.tryPassword('10.0.0.1', password, hash), true, 'and then no more');
});
