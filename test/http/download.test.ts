import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { suite, test } from 'node:test';
import { assertRefused, assertUnreached, bytesMax, open, serve, serveSocket, serveText } from './download-servers.ts';

suite('a download', () => {
  test('is the body, byte for byte, alone in its buffer', async () => {
    const picture = randomBytes(bytesMax);
    for (const length of [1, 70_000, bytesMax]) {
      for (const chunked of [false, true]) {
        await using server = await serve((_request, response) => {
          if (!chunked) response.setHeader('content-length', length);
          response.write(picture.subarray(0, 1));
          setTimeout(() => response.end(picture.subarray(1, length)), 5);
        });
        await using downloads = open();
        const bytes = await downloads.fetch(server.origin);
        assert.ok(picture.subarray(0, length).equals(bytes));
        assert.equal(bytes.buffer.byteLength, length);
        structuredClone(bytes, { transfer: [bytes.buffer] });
        assert.equal(bytes.length, 0);
      }
    }
  });

  test('asks for what the url says, uncompressed, once, on a connection of its own', async () => {
    const seen: IncomingMessage[] = [];
    await using server = await serve((request, response) => {
      seen.push(request);
      response.end('x');
    });
    await using downloads = open();
    await downloads.fetch(` ${server.origin}/图/a b.jpg?q=%2F&secret=ü#part `);
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.method, 'GET');
    assert.equal(seen[0]?.url, '/%E5%9B%BE/a%20b.jpg?q=%2F&secret=%C3%BC');
    assert.equal(seen[0]?.headers.host, `127.0.0.1:${server.port}`);
    assert.equal(seen[0]?.headers['accept-encoding'], 'identity');
    assert.equal(seen[0]?.headers.connection, 'close');
    await downloads.fetch(server.origin);
    assert.equal(server.connections(), 2);
  });

  test('does not go through a proxy of the environment', async () => {
    await using proxy = await serve((_request, response) => response.end('proxy'));
    await using server = await serve((_request, response) => response.end('origin'));
    const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = proxy.origin;
    try {
      await using downloads = open();
      assert.equal(Buffer.from(await downloads.fetch(server.origin)).toString(), 'origin');
      assert.equal(proxy.connections(), 0);
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name];
        else process.env[name] = before[index];
      });
    }
  });

  test('of nothing is a missing picture', async () => {
    for (const status of [200, 204]) {
      await using server = await serve((_request, response) => response.writeHead(status).end());
      await using downloads = open();
      await assertRefused(downloads.fetch(server.origin), 'pictureMissing');
    }
  });
});

suite('a download fails', () => {
  test('at what is not a url of http or https', async () => {
    await using downloads = open();
    for (const url of ['', 'x', '//x/a', 'http://', 'http:// /', 'http://256.1.1.1/', 'http://[fe80::1%25eth0]/']) {
      await assertRefused(downloads.fetch(url), 'downloadFailed', /^not a url$/);
    }
    for (const url of ['file:///etc/passwd', 'ftp://x/', 'data:image/png;base64,AA==', 'javascript:1', 'gopher://x/']) {
      await assertRefused(downloads.fetch(url), 'downloadFailed', /^not a url of http or https$/);
    }
    await assertRefused(downloads.fetch(`http://x/${'a'.repeat(8_000)}`), 'downloadFailed', /^not a url$/);
  });

  test('at a url with credentials', async () => {
    await using downloads = open();
    for (const url of ['http://user:secret@127.0.0.1/', 'http://secret@127.0.0.1/', 'http://:secret@127.0.0.1/']) {
      await assertRefused(downloads.fetch(url), 'downloadFailed', /credentials/);
    }
  });

  test('at any status that is not a success', async () => {
    await using downloads = open();
    for (const status of [300, 304, 400, 401, 403, 404, 410, 429, 500, 503]) {
      await using server = await serve((_request, response) => response.writeHead(status).end('a page'));
      await assertRefused(
        downloads.fetch(`${server.origin}/?secret`),
        'downloadFailed',
        new RegExp(`^status ${status}$`),
      );
    }
  });

  test('where nobody listens, and where nobody speaks HTTP', async () => {
    await using downloads = open();
    const gone = await serve(() => {});
    await gone[Symbol.asyncDispose]();
    await assertUnreached(downloads.fetch(gone.origin), 'the connection was refused');
    for (const text of ['', 'SSH-2.0-x\r\n', 'HTTP/1.1 200 OK\r\nContent-Le']) {
      await using server = await serveText(text, true);
      await assertUnreached(downloads.fetch(server.origin), 'the connection failed');
    }
  });

  test('if the answer has more headers than 16 KB', async () => {
    await using server = await serveText(`HTTP/1.1 200 OK\r\n${`X: ${'y'.repeat(1_000)}\r\n`.repeat(20)}\r\nx`);
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), 'downloadFailed');
  });

  test('if the answer is compressed', async () => {
    for (const encoding of ['gzip', 'br', 'deflate, gzip']) {
      await using server = await serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end('x');
      });
      await using downloads = open();
      await assertRefused(downloads.fetch(server.origin), 'downloadFailed', /compressed/);
    }
  });

  test('if the answer does not begin in time, even if it seems about to', async () => {
    await using downloads = open({ firstByteTimeoutMs: 60 });
    await using silent = await serve(() => {});
    await assertRefused(downloads.fetch(silent.origin), 'downloadFailed', /the answer timed out/);

    await using slow = await serveSocket((socket) => {
      const timer = setInterval(() => socket.write('H'), 10);
      socket.on('close', () => clearInterval(timer)).write('HTTP/1.1 200 OK\r\nX: ');
    });
    await using hurried = open({ timeoutMs: 1_000 });
    await assertRefused(hurried.fetch(slow.origin), 'downloadFailed', /timed out/);
  });
});

suite('a download breaks', () => {
  test('if it is too large, by its own account', async () => {
    let answered: ServerResponse | undefined;
    await using server = await serve((_request, response) => {
      answered = response.writeHead(200, { 'content-length': bytesMax + 1 });
      answered.write('x');
    });
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), 'downloadBroken', /over 100000 bytes/);
    if (answered?.destroyed === false) await once(answered, 'close');
  });

  test('as soon as it is too large, whatever is still to come', async () => {
    let sent = 0;
    await using server = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', more).on('error', () => {});
      more();
      // Ends only when the other side closes the connection.
    });
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), 'downloadBroken', /over 100000 bytes/);
    assert.ok(sent < 100_000_000);
  });

  test('if the connection ends within the body', async () => {
    await using downloads = open();
    for (const head of ['Content-Length: 1000\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n']) {
      await using ended = await serveText(`HTTP/1.1 200 OK\r\n${head}`, true);
      await assertRefused(downloads.fetch(ended.origin), 'downloadBroken', /broke off/);
      await using reset = await serveSocket((socket) => {
        socket.once('data', () =>
          socket.write(`HTTP/1.1 200 OK\r\n${head}`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
        );
      });
      await assertRefused(downloads.fetch(reset.origin), 'downloadBroken', /broke off/);
    }
  });

  test('if a chunk is malformed', async () => {
    await using server = await serveText('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n');
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), 'downloadBroken', /broke off/);
  });

  test('if it is not over in time, even if it goes on', async () => {
    await using server = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    await using downloads = open({ timeoutMs: 1_000 });
    await assertRefused(downloads.fetch(server.origin), 'downloadBroken', /timed out/);
  });
});

suite('redirects', () => {
  const redirectTo = (location: string, status = 302) =>
    serveText(`HTTP/1.1 ${status} Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);

  test('are followed, relative ones too, by every status that means one', async () => {
    await using server = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      const status = Number(pathname.slice(1));
      if (pathname === '/end/a.jpg') response.end(searchParams.get('n'));
      else response.writeHead(status, { location: `end/a.jpg?n=${status}` }).end('moved');
    });
    await using downloads = open();
    for (const status of [301, 302, 303, 307, 308]) {
      assert.equal(Buffer.from(await downloads.fetch(`${server.origin}/${status}`)).toString(), String(status));
    }
  });

  test('are followed as often as allowed, and no further', async () => {
    const paths: string[] = [];
    await using server = await serve((request, response) => {
      paths.push(request.url ?? '');
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('x');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    await using downloads = open({ redirectsMax: 3 });
    assert.equal((await downloads.fetch(`${server.origin}/3`)).length, 1);
    paths.length = 0;
    await assertRefused(downloads.fetch(`${server.origin}/1000`), 'downloadFailed', /more than 3 redirects/);
    assert.deepEqual(paths, ['/1000', '/999', '/998', '/997']);
    await using none = open({ redirectsMax: 0 });
    await assertRefused(none.fetch(`${server.origin}/1`), 'downloadFailed', /more than 0 redirects/);
  });

  test('may spell their target in UTF-8', async () => {
    let asked = '';
    await using target = await serve((request, response) => {
      asked = request.url ?? '';
      response.end('x');
    });
    await using server = await serveSocket((socket) => {
      socket.once('data', () => {
        socket.write(
          Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${target.origin}/图.jpg\r\nContent-Length: 0\r\n\r\n`),
        );
      });
    });
    await using downloads = open();
    await downloads.fetch(server.origin);
    assert.equal(asked, '/%E5%9B%BE.jpg');
  });

  test('lead nowhere that a url may not lead', async () => {
    await using forbidden = await serve((_request, response) => response.end('secret'), '127.0.0.2');
    await using downloads = open();
    for (const [location, detail] of [
      ['http://169.254.169.254/latest/meta-data/', /^the host was not reached$/],
      [`http://127.0.0.2:${forbidden.port}/`, /^the host was not reached$/],
      [`//127.0.0.2:${forbidden.port}/`, /^the host was not reached$/],
      [`http://[::ffff:127.0.0.1]:${forbidden.port}/`, /^the host was not reached$/],
      [`http://[::1]:${forbidden.port}/`, /^the host was not reached$/],
      [`http://localhost:${forbidden.port}/`, /^the host was not reached$/],
      ['http://user:secret@127.0.0.1/', /credentials/],
      ['file:///etc/passwd', /not a url of http or https/],
      ['http://', /not a url/],
    ] as const) {
      await using server = await redirectTo(location);
      const allowed = location.includes('localhost')
        ? open({ resolve: async () => [{ address: '::1', family: 6 }] })
        : downloads;
      await assertRefused(allowed.fetch(server.origin), 'downloadFailed', detail);
    }
    assert.equal(forbidden.connections(), 0);
  });

  test('without a target are just a status', async () => {
    await using server = await serve((_request, response) => response.writeHead(302).end());
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), 'downloadFailed', /status 302/);
  });
});
