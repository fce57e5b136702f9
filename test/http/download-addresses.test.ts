import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:https';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { assertRefused, assertUnreached, listen, open, serve } from './download-servers.ts';

const here = { address: '127.0.0.1', family: 4 };
const there = { address: '127.0.0.2', family: 4 };

const notAllowed = 'the address is not allowed';

suite('an address that is not allowed is never connected to', () => {
  // Read by `inet_aton`, by browsers or by somebody as an address that is not public.
  const spellings = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0x7F.1',
    '017700000001',
    '0177.0.0.01',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '0',
    '0.0.0.0',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:FFFF:7F00:0001]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '169.254.169.254',
    '0xa9fea9fe',
    '100.100.100.200',
    '10.0.0.1',
    '192.168.0.1',
  ];

  test('however it is spelled', async () => {
    await using server = await serve((_request, response) => response.end('secret'), '::');
    await using downloads = open({ allowHosts: [] });
    for (const host of spellings) {
      const url = `http://${host}:${server.port}/a?secret`;
      assert.notEqual(URL.parse(url), null, host);
      await assertUnreached(downloads.fetch(url), notAllowed);
    }
    assert.equal(server.connections(), 0);
  });

  test('whatever name leads to it', async () => {
    await using server = await serve((_request, response) => response.end('secret'));
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return [here, { address: '10.0.0.1', family: 4 }, { address: '::1', family: 6 }];
    };
    await using downloads = open({ allowHosts: [], resolve });
    for (const scheme of ['http', 'https']) {
      await assertUnreached(downloads.fetch(`${scheme}://Pictures.Example:${server.port}/`), notAllowed);
    }
    assert.deepEqual(asked, ['pictures.example', 'pictures.example']);
    await using resolving = open({ allowHosts: [], resolve: undefined as never });
    await assertUnreached(resolving.fetch(`http://localhost:${server.port}/`), notAllowed);
    assert.equal(server.connections(), 0);
  });

  test('even if the name leads to an allowed one as well', async () => {
    await using server = await serve((request, response) => response.end(request.socket.localAddress), '0.0.0.0');
    await using downloads = open({ allowHosts: ['127.0.0.2'], resolve: async () => [here, there] });
    for (let round = 0; round < 5; round++) {
      assert.equal(Buffer.from(await downloads.fetch(`http://two.example:${server.port}/`)).toString(), '127.0.0.2');
    }
    assert.equal(server.connections(), 5);
  });

  test('even if the name led to an allowed one before', async () => {
    await using server = await serve((request, response) => response.end(request.socket.localAddress), '0.0.0.0');
    const answers = [[here], [there], [here]];
    let asked = 0;
    await using downloads = open({ resolve: async () => answers[asked++] ?? [] });
    const url = `http://rebound.example:${server.port}/`;
    assert.equal(Buffer.from(await downloads.fetch(url)).toString(), '127.0.0.1');
    await assertUnreached(downloads.fetch(url), notAllowed);
    assert.equal(Buffer.from(await downloads.fetch(url)).toString(), '127.0.0.1');
    assert.equal(asked, 3, 'a name is resolved once for a connection: there is no second answer to be fooled by');
    assert.equal(server.connections(), 2);
  });
});

suite('names', () => {
  test('that are listed may lead anywhere', async () => {
    await using server = await serve((request, response) => response.end(request.headers.host));
    await using downloads = open({ allowHosts: [`pictures:${server.port}`], resolve: async () => [here] });
    const host = `pictures:${server.port}`;
    assert.equal(Buffer.from(await downloads.fetch(`http://${host}/`)).toString(), host);
    await assertUnreached(downloads.fetch(`http://pictures:${server.port + 1}/`), notAllowed);
    await assertUnreached(downloads.fetch(`http://other:${server.port}/`), notAllowed);
  });

  test('that nobody knows fail, and are not told from those that are not allowed', async () => {
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND secret.example'), { code: 'ENOTFOUND' });
    await using downloads = open({ resolve: () => Promise.reject(unknown) });
    await assertUnreached(downloads.fetch('http://secret.example/'), 'the host is not known');
    await using empty = open({ resolve: async () => [] });
    await assertUnreached(empty.fetch('http://secret.example/'), notAllowed);
  });

  test('that are not resolved in time fail', async () => {
    const over = new AbortController();
    // It keeps the process alive as a real one does, which undici's timer for connecting does not.
    const resolve = () => setTimeout(60_000, [], { signal: over.signal });
    await using downloads = open({ connectTimeoutMs: 50, resolve });
    await assertUnreached(downloads.fetch('http://secret.example/'), 'connecting timed out');
    over.abort();
  });

  test('are tried at their next address if the first is dead', async () => {
    await using server = await serve((_request, response) => response.end('x'));
    await using downloads = open({ allowHosts: ['two.example'], resolve: async () => [there, here] });
    assert.equal((await downloads.fetch(`http://two.example:${server.port}/`)).length, 1);
  });
});

/** A certificate for the names that signs itself, or undefined where there is no openssl to make it. */
function makeCertificate(...names: string[]): { key: string; cert: string } | undefined {
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -keyout -';
  const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  try {
    const pem = execFileSync('openssl', [...request.split(' '), '-addext', alternatives], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const at = pem.indexOf('-----BEGIN CERTIFICATE');
    return { key: pem.slice(0, at), cert: pem.slice(at) };
  } catch {
    return undefined;
  }
}

suite('https', () => {
  const certificate = makeCertificate('pictures.example');
  const skip = certificate === undefined ? 'needs the openssl command to make a certificate' : false;
  const serveTls = () =>
    listen(
      createServer(certificate ?? {}, (request, response) => {
        response.end(`${(request.socket as TLSSocket & { servername: string }).servername} ${request.headers.host}`);
      }),
      '127.0.0.1',
    );

  test('needs a certificate that is trusted', { skip }, async () => {
    await using server = await serveTls();
    await using downloads = open({ resolve: async () => [here] });
    const url = `https://pictures.example:${server.port}/`;
    await assertRefused(downloads.fetch(url), 'downloadFailed', /no trusted TLS connection/);

    const before = getCACertificates('default');
    setDefaultCACertificates([...before, certificate?.cert ?? '']);
    try {
      const answer = Buffer.from(await downloads.fetch(url)).toString();
      assert.equal(
        answer,
        `pictures.example pictures.example:${server.port}`,
        'the name is asked for, not the address',
      );
      const other = `https://other.example:${server.port}/`;
      await assertRefused(downloads.fetch(other), 'downloadFailed', /no trusted TLS connection/);
      await assertRefused(downloads.fetch(`https://127.0.0.1:${server.port}/`), 'downloadFailed', /no trusted TLS/);
    } finally {
      setDefaultCACertificates(before);
    }
  });

  test('fails where the server speaks plain HTTP', async () => {
    await using server = await serve((_request, response) => response.end('x'));
    await using downloads = open();
    await assertRefused(downloads.fetch(`https://127.0.0.1:${server.port}/`), 'downloadFailed', /no trusted TLS/);
  });
});
