/** The pictures of faces on the operator's listener: for whoever is signed in for the appid, and kept by nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { digestOf, type Grant, makeToken } from '../../src/auth/operators.ts';
import { openAdminServer } from '../../src/http/admin/server.ts';
import { apiOf, mapOperators } from './map-operators.ts';

const crop = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);

async function open() {
  const operators = mapOperators();
  const asked: string[] = [];
  const cropOf = async (appid: string, faceId: string) => {
    asked.push(`${appid} ${faceId}`);
    return faceId === 'none' ? undefined : crop;
  };
  const admin = await openAdminServer(
    {
      metrics: { scrape: async () => '', contentType: 'text/plain' },
      pages: async () => ({ api: { ...apiOf({}, operators), cropOf }, files: new Map() }),
      log: pino({ level: 'silent' }),
    },
    { host: '127.0.0.1', port: 0, mayMove: false },
  );
  const join = async (name: string, grant: Grant): Promise<string> => {
    const token = makeToken();
    await operators.addLink(digestOf(name), name, grant, 0);
    await operators.useLink(digestOf(name), 'hash', 0);
    await operators.addSession(digestOf(token), name, 0);
    return `familiar_session_${new URL(admin.url).port}=${token}`;
  };
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${admin.url}/api/crop?${query}`, { headers });
  return { get, join, asked, operators, [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose]() };
}

test('a crop comes as a picture to whoever is for its appid, and nobody keeps it or shows it elsewhere', async () => {
  await using server = await open();
  const cookie = await server.join('ada', { role: 'reader', appid: '1' });
  const answer = await server.get('appid=1&face=7', { cookie, 'sec-fetch-site': 'same-origin' });
  assert.equal(answer.status, 200);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), crop);
  for (const [name, value] of [
    ['content-type', 'image/jpeg'],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['cross-origin-resource-policy', 'same-origin'],
  ] as const) {
    assert.equal(answer.headers.get(name), value);
  }
  assert.match(answer.headers.get('content-security-policy')!, /default-src 'none'/);
});

test('a crop is served to nobody without a session, of another appid, or from a page of another origin', async () => {
  await using server = await open();
  const ofOne = await server.join('ada', { role: 'owner', appid: '1' });
  const ofAll = await server.join('bob', { role: 'reader', appid: null });
  const ended = await server.join('eve', { role: 'owner', appid: null });
  await server.operators.endSessions('eve');
  for (const [query, headers, status] of [
    ['appid=1&face=7', {}, 401],
    ['appid=1&face=7', { cookie: 'familiar_session=invented' }, 401],
    ['appid=1&face=7', { cookie: ended }, 401],
    ['appid=2&face=7', { cookie: ofOne }, 403],
    ['appid=1&appid=2&face=7', { cookie: ofOne }, 400],
    ['appid=1&face=7', { cookie: ofOne, 'sec-fetch-site': 'cross-site' }, 403],
    ['appid=1&face=7', { cookie: ofOne, 'sec-fetch-site': 'same-site' }, 403],
    ['appid=1&face=7', { cookie: ofOne, origin: 'http://evil.example' }, 403],
    ['appid=1', { cookie: ofOne }, 400],
    ['face=7', { cookie: ofAll }, 400],
    ['appid=1&face=7&other=1', { cookie: ofOne }, 400],
  ] as const) {
    const answer = await server.get(query, headers);
    assert.equal(answer.status, status, `${query} ${JSON.stringify(headers)}`);
    assert.match(answer.headers.get('content-type')!, /json/);
  }
  assert.deepEqual(server.asked, []);
  assert.equal((await server.get('appid=2&face=none', { cookie: ofAll })).status, 404);
  assert.deepEqual(server.asked, ['2 none']);
});
