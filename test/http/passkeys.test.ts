/** Signing in by passkeys, as an authenticator in software does it, and as an attacker would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { passkeyHandlers } from '../../src/app/operator/api/passkeys.ts';
import { sessionHandlers } from '../../src/app/operator/api/session.ts';
import { sessionBeginnings } from '../../src/app/operator/api/sessions.ts';
import { digestOf, makeToken } from '../../src/auth/operators.ts';
import { passkeyPage } from '../../src/auth/passkeys.ts';
import { Challenges } from '../../src/http/admin/challenges.ts';
import { openAdminServer } from '../../src/http/admin/server.ts';
import { SoftwarePasskey } from '../authenticator.ts';
import { apiOf, mapOperators } from './map-operators.ts';

const password = 'correct horse battery';

/** A listener whose clock is set by hand, reached by the name of this machine. */
async function open() {
  const operators = mapOperators();
  const clock = { ms: 1_000_000 };
  const beginnings = sessionBeginnings(operators, () => clock.ms);
  const api = apiOf({ ...sessionHandlers(beginnings), ...passkeyHandlers(beginnings) }, operators);
  const admin = await openAdminServer(
    {
      metrics: { scrape: async () => '', contentType: 'text/plain' },
      ...{ pages: async () => ({ api, files: new Map() }), log: pino({ level: 'silent' }) },
    },
    { host: '127.0.0.1', port: 0, mayMove: false },
  );
  const origin = `http://localhost:${new URL(admin.url).port}`;
  const ask = async (name: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/api/${name}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin, ...headers },
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
    return { status: response.status, headers: response.headers, data: (await response.json()) as any };
  };
  const join = async (name: string) => {
    const token = makeToken();
    await operators.addLink(digestOf(token), name, { role: 'reader', appid: '7' }, clock.ms);
    const { headers, data } = await ask('session.useLink', { token, password });
    return { cookie: headers.get('set-cookie')!.split(';')[0]!, 'x-forgery-token': data.forgeryToken as string };
  };
  const passkey = new SoftwarePasskey(origin);
  const challengeToAdd = async (as: Record<string, string>): Promise<string> =>
    (await ask('passkeys.options', { password }, as)).data.options.challenge;
  const challengeToSignIn = async (): Promise<string> =>
    (await ask('session.passkeyOptions', {})).data.options.challenge;
  const add = async (as: Record<string, string>) =>
    ask('passkeys.add', { label: 'my key', response: passkey.made(await challengeToAdd(as)) }, as);
  return {
    ...{ origin, clock, operators, ask, join, passkey, challengeToAdd, challengeToSignIn, add },
    [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose](),
  };
}

test('a passkey is added with the password, signs in, is listed, and removed', async () => {
  await using server = await open();
  const ada = await server.join('ada');
  const wrong = await server.ask('passkeys.options', { password: 'another' }, ada);
  assert.equal(wrong.status, 403);
  const { data } = await server.ask('passkeys.options', { password }, ada);
  assert.deepEqual(
    [data.options.rp.id, data.options.user.name, data.options.attestation],
    ['localhost', 'ada', 'none'],
  );
  assert.equal((await server.add(ada)).status, 200);
  const response = server.passkey.used(await server.challengeToSignIn());
  const signedIn = await server.ask('session.usePasskey', { response });
  assert.deepEqual([signedIn.status, signedIn.data.operator.name], [200, 'ada'], JSON.stringify(signedIn.data));
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const listed = await server.ask('passkeys.list', {}, { cookie, 'x-forgery-token': signedIn.data.forgeryToken });
  const { id, label, host, usedAt } = listed.data.passkeys[0];
  assert.deepEqual([id, label, host, usedAt], [server.passkey.id, 'my key', 'localhost', server.clock.ms]);
  assert.doesNotMatch(JSON.stringify(listed.data), /public/i);
  assert.equal((await server.ask('passkeys.remove', { id }, ada)).status, 200);
  const late = await server.ask('session.usePasskey', {
    response: server.passkey.used(await server.challengeToSignIn()),
  });
  assert.equal(late.status, 401);
});

test('what a passkey signed is good once, for five minutes, for its page and its purpose', async () => {
  await using server = await open();
  const ada = await server.join('ada');
  await server.add(ada);
  const soon = async (response: unknown) => (await server.ask('session.usePasskey', { response })).status;
  const { passkey } = server;
  const first = passkey.used(await server.challengeToSignIn());
  assert.equal(await soon(first), 200);
  assert.equal(await soon(first), 401, 'again');
  assert.equal(await soon(passkey.used('made-up')), 401, 'a challenge that nobody gave out');
  assert.equal(await soon(passkey.used(await server.challengeToAdd(ada))), 401, 'a challenge for something else');
  const old = passkey.used(await server.challengeToSignIn());
  server.clock.ms += 5 * 60_000;
  assert.equal(await soon(old), 401, 'too late');
  for (const wrongs of [
    { origin: 'https://evil.example' },
    { host: 'evil.example' },
    { isVerified: false },
    // A copy of the authenticator lags behind.
    { counter: 1 },
  ]) {
    server.clock.ms += 20 * 60_000;
    assert.equal(await soon(passkey.used(await server.challengeToSignIn(), wrongs)), 401, JSON.stringify(wrongs));
  }
  server.clock.ms += 20 * 60_000;
  const forged = passkey.used(await server.challengeToSignIn(), { counter: 50 });
  const signature = Buffer.from(String(forged.response.signature), 'base64url');
  signature[20]! ^= 1;
  const response = { ...forged.response, signature: signature.toString('base64url') };
  assert.equal(await soon({ ...forged, response }), 401, 'a signature that was changed');
  assert.equal(await soon(passkey.used(await server.challengeToSignIn(), { counter: 51 })), 200);
});

test('nobody adds, lists or removes passkeys of somebody else', async () => {
  await using server = await open();
  const [ada, bob] = [await server.join('ada'), await server.join('bob')];
  const ofAda = await server.challengeToAdd(ada);
  const stolen = await server.ask('passkeys.add', { label: 'x', response: server.passkey.made(ofAda) }, bob);
  assert.equal(stolen.status, 400, 'a challenge of somebody else');
  await server.add(ada);
  assert.equal((await server.add(bob)).status, 409, 'a passkey of somebody else');
  assert.deepEqual((await server.ask('passkeys.list', {}, bob)).data.passkeys, []);
  assert.equal((await server.ask('passkeys.remove', { id: server.passkey.id }, bob)).status, 404);
  const other = new SoftwarePasskey(server.origin);
  const unverified = other.made(await server.challengeToAdd(bob), { isVerified: false });
  assert.equal((await server.ask('passkeys.add', { label: 'x', response: unverified }, bob)).status, 400);
  for (const name of ['passkeys.list', 'passkeys.options', 'passkeys.add', 'passkeys.remove']) {
    const body = { password, label: 'x', response: other.made(''), id: 'x' };
    assert.equal((await server.ask(name, body)).status, 401, `${name} without a session`);
    const { cookie } = ada;
    assert.equal((await server.ask(name, body, { cookie })).status, 403, `${name} without the token of the page`);
  }
});

test('who guesses passwords by way of passkeys waits longer and longer, and who has a passkey does not', async () => {
  await using server = await open();
  const ada = await server.join('ada');
  await server.add(ada);
  const guessed = [];
  for (let i = 0; i < 6; i++) guessed.push((await server.ask('passkeys.options', { password: 'no' }, ada)).status);
  assert.deepEqual(guessed, [403, 403, 403, 403, 403, 429]);
  assert.equal((await server.ask('session.signIn', { name: 'ada', password })).status, 429, 'the name and the address');
  for (let i = 0; i < 6; i++) {
    const { status } = await server.ask('session.usePasskey', { response: { id: 'x', response: {} } });
    assert.equal(status, 401);
  }
  const response = server.passkey.used(await server.challengeToSignIn());
  assert.equal((await server.ask('session.usePasskey', { response })).status, 200);
});

test('a page that is reached by a number, and a program, have no passkeys', async () => {
  await using server = await open();
  const byNumber = await fetch(`${server.origin.replace('localhost', '127.0.0.1')}/api/session.passkeyOptions`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', origin: server.origin.replace('localhost', '127.0.0.1') },
  });
  assert.equal(byNumber.status, 400);
  for (const origin of [undefined, 'null', 'http://127.0.0.1:8081', 'http://[::1]:8081', 'no url'])
    assert.equal(passkeyPage(origin), undefined, `${origin}`);
  assert.deepEqual(passkeyPage('https://faces.example:8443'), {
    origin: 'https://faces.example:8443',
    host: 'faces.example',
  });
});

test('challenges that never come back are forgotten, the oldest first', () => {
  const clock = { ms: 0 };
  const challenges = new Challenges(() => clock.ms);
  for (let i = 0; i <= 10_000; i++) challenges.give(`${i}`, 'p');
  assert.equal(challenges.take('0', 'p'), false);
  assert.equal(challenges.take('1', 'p'), true);
  assert.equal(challenges.take('1', 'p'), false);
  assert.equal(challenges.take('2', 'q'), false);
  assert.equal(challenges.take('2', 'p'), false, 'whoever asks for another purpose uses it up');
  clock.ms = 5 * 60_000;
  assert.equal(challenges.take('3', 'p'), false);
});
