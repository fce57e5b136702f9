/** The operator's API: who may ask for what, and what a page of another origin gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type Grant, makeToken } from '../../src/auth/operators.ts';
import { everything, openListener as open, password } from './operator-listener.ts';

test('a link sets a password once, and the password signs in', async () => {
  await using server = await open();
  const token = makeToken();
  await server.operators.addLink(digestOf(token), 'ada', everything, server.clock.ms);
  assert.deepEqual((await server.ask('session.readLink', { token })).data, { name: 'ada' });
  assert.equal((await server.ask('session.useLink', { token, password: 'short' })).status, 400);
  const used = await server.ask('session.useLink', { token, password });
  assert.equal(used.data.operator.name, 'ada');
  assert.match(used.headers.get('set-cookie')!, /^familiar_session_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  for (const name of ['session.readLink', 'session.useLink']) {
    const again = await server.ask(name, name === 'session.readLink' ? { token } : { token, password });
    assert.deepEqual([again.status, again.data.error.code], [404, 'unknown'], name);
  }
  const signedIn = await server.ask('session.signIn', { name: 'ada', password });
  assert.equal(signedIn.data.operator.role, 'owner');
  for (const wrong of [
    { name: 'ada', password: `${password}!` },
    { name: 'bob', password },
  ]) {
    const refused = await server.ask('session.signIn', wrong);
    assert.deepEqual(
      [refused.status, refused.data.error.message, refused.headers.get('set-cookie')],
      [401, 'the name or the password is wrong', null],
    );
  }
});

test('nothing is answered without a session, with one that is over, or with an invented one', async () => {
  await using server = await open();
  const ada = await server.join('ada', everything);
  const body = { appid: '1' };
  assert.equal((await server.ask('keys.list', body)).status, 401);
  assert.equal((await server.ask('keys.list', body, { ...server.as(ada), cookie: 'familiar_session=x' })).status, 401);
  assert.equal((await server.ask('keys.list', body, server.as(ada))).data.keys[0].secretId, 'of 1');
  await server.ask('session.signOut', {}, server.as(ada));
  assert.equal((await server.ask('keys.list', body, server.as(ada))).status, 401);
});

test('a request without the token of its page, or from a page of another origin, does nothing', async () => {
  await using server = await open();
  const ada = await server.join('ada', everything);
  const bob = await server.join('bob', everything);
  const { cookie } = ada;
  for (const [headers, status] of [
    [{ cookie }, 403],
    [{ cookie, 'x-forgery-token': bob.forgeryToken }, 403],
    [{ ...server.as(ada), origin: 'http://evil.example' }, 403],
    [{ ...server.as(ada), origin: 'null' }, 403],
    [{ ...server.as(ada), 'sec-fetch-site': 'cross-site' }, 403],
    [{ ...server.as(ada), 'sec-fetch-site': 'same-site' }, 403],
    [{ ...server.as(ada), origin: server.url, 'sec-fetch-site': 'same-origin' }, 200],
    [{ ...server.as(ada), 'content-type': 'text/plain' }, 400],
    [{ ...server.as(ada), 'content-type': 'application/x-www-form-urlencoded' }, 400],
  ] as const) {
    const { status: got } = await server.ask('keys.list', { appid: '1' }, headers);
    assert.equal(got, status, JSON.stringify(headers));
  }
  const shown = await server.ask('session.show', {}, { cookie, origin: 'http://evil.example' });
  assert.equal(shown.status, 403, 'the token is told to its own page alone');
  assert.equal((await server.ask('session.show', {}, { cookie })).data.forgeryToken, ada.forgeryToken);
});

test('an operator of one appid sees that one, and a role does what it may', async () => {
  await using server = await open();
  const cases: readonly [Grant, string, unknown, number][] = [
    [{ role: 'reader', appid: '1' }, 'keys.list', { appid: '1' }, 200],
    [{ role: 'reader', appid: '1' }, 'keys.list', { appid: '2' }, 403],
    [{ role: 'reader', appid: '1' }, 'keys.list', {}, 400],
    [{ role: 'reader', appid: null }, 'keys.list', { appid: '2' }, 200],
    [{ role: 'editor', appid: null }, 'keys.revoke', { appid: '1', secretId: 'a' }, 403],
    [{ role: 'owner', appid: '1' }, 'keys.revoke', { appid: '1', secretId: 'a' }, 200],
    [{ role: 'owner', appid: '1' }, 'keys.revoke', { appid: '2', secretId: 'a' }, 403],
    [{ role: 'owner', appid: '1' }, 'tenants.set', { of: '1' }, 403],
    [{ role: 'owner', appid: null }, 'tenants.set', { of: '1' }, 200],
    [{ role: 'owner', appid: '1' }, 'operators.list', {}, 403],
  ];
  for (const [i, [grant, name, body, status]] of cases.entries()) {
    const client = await server.join(`operator${i}`, grant);
    assert.equal((await server.ask(name, body, server.as(client))).status, status, JSON.stringify(cases[i]));
  }
});

test('who guesses passwords waits longer and longer, and so does everybody at that address', async () => {
  await using server = await open();
  await server.join('ada', everything);
  const guess = () => server.ask('session.signIn', { name: 'ada', password: 'wrong' });
  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await guess()).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  server.clock.ms += 1_000;
  assert.equal((await guess()).status, 401);
  const slowed = await server.ask('session.signIn', { name: 'ada', password });
  assert.deepEqual([slowed.status, slowed.headers.get('retry-after')], [429, '2']);
  assert.equal((await server.ask('session.signIn', { name: 'bob', password })).status, 429, 'the address');
  server.clock.ms += 2_000;
  assert.equal((await server.ask('session.signIn', { name: 'ada', password })).status, 200);
  assert.equal((await guess()).status, 401, 'a success ends the wait');
});

test('the grant of an operator is changed and taken away by another one, and ends the sessions', async () => {
  await using server = await open();
  const ada = await server.join('ada', everything);
  const bob = await server.join('bob', everything);
  const grant = { role: 'reader', appid: '1' };
  assert.equal((await server.ask('operators.set', { name: 'ada', grant }, server.as(ada))).status, 400, 'oneself');
  assert.equal((await server.ask('operators.set', { name: 'bob', grant }, server.as(ada))).status, 200);
  assert.equal((await server.ask('session.show', {}, server.as(bob))).status, 401);
  const invited = await server.ask('operators.invite', { name: 'bob', grant: everything }, server.as(ada));
  await server.ask('session.useLink', { token: invited.data.token, password });
  const listed = await server.ask('operators.list', {}, server.as(ada));
  assert.deepEqual(
    listed.data.operators.map(({ name, role }: { name: string; role: string }) => [name, role]),
    [
      ['ada', 'owner'],
      ['bob', 'owner'],
    ],
  );
  assert.equal((await server.ask('operators.remove', { name: 'bob' }, server.as(ada))).status, 200);
  assert.equal((await server.ask('operators.remove', { name: 'bob' }, server.as(ada))).status, 404);
  assert.equal((await server.ask('session.signIn', { name: 'bob', password })).status, 401);
});

test('every answer forbids scripts of others, frames, guessing of types, and caching', async () => {
  await using server = await open();
  for (const path of ['/metrics', '/', '/api/session.show']) {
    const { headers } = await fetch(server.url + path);
    assert.match(
      headers.get('content-security-policy')!,
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
  }
});

test('a fault of the server says nothing of itself', async () => {
  await using server = await open();
  const ada = await server.join('ada', everything);
  server.operators.endSession = () => Promise.reject(new Error('the secret of the database'));
  const { status, data } = await server.ask('session.signOut', {}, server.as(ada));
  assert.deepEqual(
    [status, data],
    [500, { error: { code: 'fault', message: 'the server has a fault: its log says which' } }],
  );
});
