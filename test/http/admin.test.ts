/** The operator's listener: where it listens, and that it has nothing but metrics. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { openAdminServer } from '../../src/http/admin/server.ts';
import { apiOf } from './map-operators.ts';

/** A listener whose metrics count how often they were asked for. */
function open(port: number, mayMove: boolean, host = '127.0.0.1') {
  let scrapes = 0;
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(line) });
  const metrics = { scrape: async () => `scrapes ${++scrapes}\n`, contentType: 'text/plain; version=7' };
  return {
    lines,
    opening: openAdminServer(
      { metrics, pages: async () => ({ api: apiOf(), files: new Map() }), log },
      { host, port, mayMove },
    ),
  };
}

test('whoever asks for the metrics gets them as they are then, and nothing else is there', async () => {
  const { lines, opening } = open(0, false);
  await using admin = await opening;
  assert.match(admin.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const before = lines.length;
  for (const n of [1, 2]) {
    const response = await fetch(`${admin.url}/metrics`);
    assert.deepEqual([response.status, await response.text()], [200, `scrapes ${n}\n`]);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=7');
  }
  for (const [path, method] of [
    ['/', 'GET'],
    ['/face/getinfo', 'POST'],
    ['/metrics', 'HEAD'],
  ] as const) {
    const response = await fetch(admin.url + path, { method });
    assert.equal(response.status, 404, path);
    await response.text();
  }
  assert.deepEqual(
    lines.slice(before).filter((line) => line.includes('request completed')),
    [],
  );
});

test('a port that is taken is refused if somebody asked for it, and else another one is found', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await assert.rejects(open(port, false).opening, { code: 'EADDRINUSE' });
  await using moved = await open(port, true).opening;
  assert.notEqual(moved.url, `http://127.0.0.1:${port}`);
  assert.equal((await fetch(`${moved.url}/metrics`)).status, 200);
  await assert.rejects(open(0, true, '192.0.2.1').opening, { code: 'EADDRNOTAVAIL' });
});

test('whoever opens connections without end has no more than 256', async () => {
  await using admin = await open(0, false).opening;
  const { port } = new URL(admin.url);
  const sockets = Array.from({ length: 260 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  const closed = sockets.map((socket) => new Promise<number>((resolve) => socket.once('close', () => resolve(1))));
  for (let left = 4; left > 0; left--) {
    const [index] = await Promise.race(closed.map((each, i) => each.then(() => [i] as const)));
    closed.splice(index!, 1);
    sockets.splice(index!, 1);
  }
  assert.equal(sockets.filter(({ destroyed }) => !destroyed).length, 256);
  for (const socket of sockets) socket.destroy();
});

test('a listener that is closed answers nobody, though a connection is kept open', async () => {
  const admin = await open(0, false).opening;
  await (await fetch(`${admin.url}/metrics`)).text();
  await admin[Symbol.asyncDispose]();
  await assert.rejects(fetch(`${admin.url}/metrics`));
});

test('what visitors are served with is made for the first of them, once, and again if that failed', async () => {
  let made = 0;
  const pages = async () => {
    made += 1;
    if (made === 1) throw new Error('a file is missing');
    return { api: apiOf(), files: new Map() };
  };
  const metrics = { scrape: async () => 'up 1', contentType: 'text/plain' };
  const parts = { metrics, pages, log: pino({ level: 'silent' }) };
  await using admin = await openAdminServer(parts, { host: '127.0.0.1', port: 0, mayMove: false });
  assert.equal(await (await fetch(`${admin.url}/metrics`)).text(), 'up 1');
  assert.equal(made, 0);
  const failed = await fetch(admin.url);
  assert.deepEqual([failed.status, (await failed.text()).includes('missing')], [500, false]);
  const visits = await Promise.all([1, 2, 3].map(() => fetch(`${admin.url}/api/session.show`, { method: 'POST' })));
  assert.deepEqual(
    visits.map(({ status }) => status),
    [401, 401, 401],
  );
  assert.equal(made, 2);
  const odd = await fetch(admin.url, { method: 'POST', body: 'x', headers: { 'content-type': ';;' } });
  assert.equal(odd.status < 500, true, 'what a client does wrong is no fault of the server');
});
