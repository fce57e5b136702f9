import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { Certificates } from '../../src/http/certificates.ts';
import { type Authority, createAuthority } from './certificate-files.ts';
import { imageOf, type Served, serve, signed } from './served.ts';

let authority: Authority;
let folder: string;

before(async () => {
  authority = await createAuthority();
  folder = await mkdtemp(join(tmpdir(), 'familiar-https-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('a call over https is answered as over http, and its connection is one of the appid’s', async () => {
  await using served = serve({ connections: { max: 10, appidMax: 1 } });
  using certificates = new Certificates([await authority.write(folder, 'one', ['127.0.0.1', 'face.lan'])]);
  const port = await listenForHttps(served, certificates);
  const body = JSON.stringify({ appid: '1', image: imageOf({ cosine: 1 }) });
  const agent = new Agent({ keepAlive: true });
  const first = await post(port, 'face.lan', body, agent);
  assert.deepEqual([first.status, first.body.code, first.body.data.face.length], [200, 0, 1]);
  const second = await post(port, 'face.lan', body);
  assert.deepEqual([second.status, second.body.code], [429, 15]);
  agent.destroy();
  // The server hears of the end a moment later.
  const deadline = Date.now() + 5_000;
  let third = await post(port, 'face.lan', body);
  while (third.status === 429 && Date.now() < deadline) third = await post(port, 'face.lan', body);
  assert.deepEqual([third.status, third.body.code], [200, 0]);
});

test('a client gets the certificate of the name that it asks for: exact, by wildcard, or else the first', async () => {
  await using served = serve();
  using certificates = new Certificates([
    await authority.write(folder, 'first', ['first.lan']),
    await authority.write(folder, 'wild', ['*.wild.lan']),
    await authority.write(folder, 'exact', ['a.wild.lan']),
  ]);
  const port = await listenForHttps(served, certificates);
  const asked = ['a.wild.lan', 'A.WILD.lan', 'b.wild.lan', 'a.b.wild.lan', 'other.lan', undefined];
  const got = await Promise.all(asked.map((name) => nameShown(port, name)));
  assert.deepEqual(got, ['a.wild.lan', 'a.wild.lan', '*.wild.lan', 'first.lan', 'first.lan', 'first.lan']);
});

test('certificates that change are served without a restart; what cannot be used is told, and the old ones stay', async () => {
  await using served = serve();
  const files = await authority.write(folder, 'renewed', ['old.lan']);
  const told: unknown[] = [];
  using certificates = new Certificates([files], (error) => void told.push(error));
  const port = await listenForHttps(served, certificates);
  certificates.look();
  assert.deepEqual(told, []);
  await writeFile(files.cert, 'no certificate');
  certificates.look();
  certificates.look();
  assert.match(
    String(told[0]),
    new RegExp(`^Error: the certificate ${files.cert} with the key ${files.key} cannot be used`),
  );
  assert.deepEqual(
    [told.length, await nameShown(port, undefined), await nameShown(port, 'x.lan')],
    [1, 'old.lan', 'old.lan'],
  );
  await authority.write(folder, 'renewed', ['new.lan']);
  certificates.look();
  assert.deepEqual(told.slice(1), [undefined]);
  assert.deepEqual([await nameShown(port, undefined), await nameShown(port, 'x.lan')], ['new.lan', 'new.lan']);
});

test('a key that is not the certificate’s is refused at the start, by the names of the files', async () => {
  const one = await authority.write(folder, 'mixed-one', ['a.lan']);
  const other = await authority.write(folder, 'mixed-other', ['a.lan']);
  assert.throws(
    () => new Certificates([{ cert: one.cert, key: other.key }]),
    /mixed-one\.crt with the key .*mixed-other\.key cannot be used/,
  );
});

test('what is no HTTP gets an envelope over https, too, and a drain closes the listener and its idle connections', async () => {
  await using served = serve();
  using certificates = new Certificates([await authority.write(folder, 'drained', ['face.lan'])]);
  const port = await listenForHttps(served, certificates);
  const idle = await open(port, 'face.lan');
  const broken = await open(port, 'face.lan');
  broken.write('nonsense\r\n\r\n');
  const said = await new Promise<string>((resolve) => broken.once('data', (piece) => resolve(String(piece))));
  assert.match(said, /^HTTP\/1\.1 400 Bad Request[\s\S]*"code":3/);
  const closed = new Promise((resolve) => idle.once('close', resolve));
  await served.server.drain();
  await closed;
  await assert.rejects(open(port, 'face.lan'), { code: 'ECONNREFUSED' });
});

async function listenForHttps(served: Served, certificates: Certificates): Promise<number> {
  const listener = await served.server.openHttps(certificates);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

function post(port: number, servername: string, body: string, agent?: Agent) {
  const headers = {
    authorization: signed(),
    'content-type': 'application/json',
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  return new Promise<{ status: number | undefined; body: any }>((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      servername,
      ca: authority.ca,
      method: 'POST',
      path: '/face/detect',
      headers,
      agent: agent ?? (false as const),
    };
    request(options, (answer) => {
      let text = '';
      answer.on('data', (piece) => {
        text += piece;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
    })
      .on('error', reject)
      .end(body);
  });
}

async function open(port: number, servername: string | undefined): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: authority.ca,
    checkServerIdentity: () => undefined,
    ...(servername && { servername }),
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket.on('error', () => {});
}

/** The first name of the certificate that a client is shown. */
async function nameShown(port: number, servername: string | undefined): Promise<string> {
  const socket = await open(port, servername);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}
