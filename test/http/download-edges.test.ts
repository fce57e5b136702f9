/** What a download takes at its very bounds, and what it says of itself. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { Refusal } from '../../src/errors/refusals.ts';
import { assertRefused, open, serve } from './download-servers.ts';

const here = { address: '127.0.0.1', family: 4 };

test('it says who asks and for what', async () => {
  const seen: IncomingHttpHeaders[] = [];
  await using server = await serve((request, response) => {
    seen.push(request.headers);
    response.end('x');
  });
  await using downloads = open();
  await downloads.fetch(server.origin);
  assert.deepEqual([seen[0]?.accept, seen[0]?.['user-agent']], ['image/*, */*;q=0.8', 'familiar']);
});

test('every success is one, and no encoding is as good as none', async () => {
  await using server = await serve((request, response) => {
    const [, status, encoding] = request.url!.split('/');
    response.writeHead(Number(status), encoding === '' ? {} : { 'content-encoding': encoding }).end('x');
  });
  await using downloads = open();
  for (const path of ['200/', '201/', '299/', '200/identity', '200/Identity']) {
    assert.equal((await downloads.fetch(`${server.origin}/${path}`)).length, 1, path);
  }
  for (const path of ['200/identity-gzip', '200/x-identity']) {
    await assertRefused(downloads.fetch(`${server.origin}/${path}`), 'downloadFailed', /compressed/);
  }
});

test('an address of 8,000 characters is the longest', async () => {
  await using server = await serve((_request, response) => response.end('x'));
  await using downloads = open();
  const longest = `${server.origin}/`.padEnd(8_000, 'x');
  assert.equal((await downloads.fetch(longest)).length, 1);
  await assertRefused(downloads.fetch(`${longest}x`), 'downloadFailed', /^not a url$/);
});

test('without a port in the url the port of its scheme decides what is allowed', async () => {
  const asked = async (url: string, ...allowHosts: string[]): Promise<boolean> => {
    let isAsked = false;
    const resolve = async () => {
      isAsked = true;
      return [here];
    };
    await using downloads = open({ allowHosts, resolve, connectTimeoutMs: 1_000 });
    const error = await downloads.fetch(url).then(
      () => undefined,
      (error) => error,
    );
    assert.ok(isAsked);
    // Whatever listens on these ports of this machine, or nothing: it was allowed to connect.
    return !(
      error instanceof Refusal &&
      /the address is not allowed/.test(String((error.cause as Error)?.message ?? error.detail))
    );
  };
  assert.equal(await asked('http://pictures.example/', 'pictures.example:80'), true);
  assert.equal(await asked('http://pictures.example/', 'pictures.example:443'), false);
  assert.equal(await asked('https://pictures.example/', 'pictures.example:443'), true);
  assert.equal(await asked('https://pictures.example/', 'pictures.example:80'), false);
});

test('as many bytes as are allowed are not too many, whether they are announced or not', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 10);
    response.write('12345');
    response.end('67890');
  });
  await using enough = open({ bytesMax: 10 });
  await using tooFew = open({ bytesMax: 9 });
  for (const path of ['announced', 'not']) {
    assert.equal(Buffer.from(await enough.fetch(`${server.origin}/${path}`)).toString(), '1234567890');
    await assertRefused(tooFew.fetch(`${server.origin}/${path}`), 'downloadBroken', /over 9 bytes/);
  }
});

test('a caller who leaves while waiting for a turn gets their own reason, and takes nobody’s turn', async () => {
  const answers: (() => void)[] = [];
  await using server = await serve((_request, response) => void answers.push(() => response.end('x')));
  const asked = async (count: number): Promise<void> => {
    while (answers.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await using downloads = open({ socketsMax: 1 });
  const first = downloads.fetch(server.origin);
  const caller = new AbortController();
  const reason = new Error('the caller left');
  const second = assert.rejects(downloads.fetch(server.origin, { signal: caller.signal }), (error) => error === reason);
  await asked(1);
  caller.abort(reason);
  await second;
  const third = downloads.fetch(server.origin);
  answers[0]!();
  assert.equal((await first).length, 1);
  await asked(2);
  answers[1]!();
  assert.equal((await third).length, 1);
  assert.equal(server.connections(), 2);
});
