/** The files of the console, as the operator's listener serves them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { openAdminServer } from '../../src/http/admin/server.ts';
import type { StaticFile } from '../../src/http/admin/static-files.ts';
import { apiOf } from './map-operators.ts';

const file = (type: string, text: string, isImmutable: boolean): StaticFile => ({
  ...{ type, isImmutable },
  ...{ bytes: Buffer.from(text), gzipped: gzipSync(text) },
});

function open() {
  const files = new Map([
    ['/', file('text/html; charset=utf-8', '<p>page', false)],
    ['/assets/a-1.js', file('text/javascript; charset=utf-8', 'script', true)],
  ]);
  const metrics = { scrape: async () => '', contentType: 'text/plain' };
  const parts = { metrics, pages: async () => ({ api: apiOf(), files }), log: pino({ level: 'silent' }) };
  return openAdminServer(parts, { host: '127.0.0.1', port: 0, mayMove: false });
}

test('the page is never kept, and what is named for its content is kept for ever', async () => {
  await using admin = await open();
  const page = await fetch(`${admin.url}/`);
  assert.deepEqual([page.status, await page.text()], [200, '<p>page']);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  const script = await fetch(`${admin.url}/assets/a-1.js`);
  assert.deepEqual([script.status, await script.text()], [200, 'script']);
  assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
});

test('a page may run only its own scripts and styles, and stand in no frame', async () => {
  await using admin = await open();
  for (const path of ['/', '/assets/a-1.js', '/nothing']) {
    const { headers } = await fetch(admin.url + path);
    const policy = headers.get('content-security-policy')!;
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.split('; ').includes(rule), `${rule} of ${path}`);
    }
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
  }
});

test('a file comes compressed to whoever takes gzip, and plain to others', async () => {
  await using admin = await open();
  const encodingFor = async (accepted: string) => {
    const response = await fetch(`${admin.url}/assets/a-1.js`, { headers: { 'accept-encoding': accepted } });
    assert.equal(await response.text(), 'script');
    assert.equal(response.headers.get('vary'), 'accept-encoding');
    return response.headers.get('content-encoding');
  };
  for (const accepted of ['gzip', 'gzip, deflate, br', 'br;q=1, gzip;q=0.5']) {
    assert.equal(await encodingFor(accepted), 'gzip', accepted);
  }
  for (const accepted of ['identity', 'gzip;q=0', 'br', 'xgzip'])
    assert.equal(await encodingFor(accepted), null, accepted);
});

test('no path leads to a file that is not listed', async () => {
  await using admin = await open();
  for (const path of ['/assets/', '/assets/..%2f..%2fpackage.json', '/assets/a-1.js.gz', '/index.html', '//assets']) {
    const response = await fetch(admin.url + path);
    assert.equal(response.status, 404, path);
    await response.text();
  }
});
