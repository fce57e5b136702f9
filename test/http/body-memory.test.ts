import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { openContext } from '../domain/memory-context.ts';
import { open as openDownloads, serve as servePictures } from './download-servers.ts';
import { beginBody, RawClient, requestText } from './raw-client.ts';
import { pictureOf, type Replaced, type Served, serve, signed } from './served.ts';

const timeout = 20_000;
/** All that the servers of these tests may hold, and the largest body that they take. */
const memoryMax = 300_000;
const stranger = signed({ appid: '2', secretId: 'S2' }, 'K2');

/** A server of little memory; pictures may be as large as that. */
function serveSmall(parts: Replaced = {}): Served {
  return serve({ bodyMemoryMax: memoryMax, bodyBytesMax: memoryMax, pictureBytesMax: memoryMax, ...parts });
}

/** A body of so many bytes, for an endpoint that asks for nothing. */
function bodyOf(bytes: number, appid = '1'): string {
  const empty = JSON.stringify({ appid, pad: '' });
  return JSON.stringify({ appid, pad: 'x'.repeat(bytes - empty.length) });
}

/** The code that a call of another appid with a body of so many bytes is answered with: −1307 if there is room for it. */
async function codeFor(served: Served, bytes: number): Promise<number> {
  const sent = { headers: { authorization: stranger }, body: bodyOf(bytes, '2') };
  return (await served.send('/face/getgroupids', sent)).code;
}

/** Resolves once nothing is held any more: only then is there room for a body of all that may be held. */
async function nothingHeld(served: Served): Promise<void> {
  while ((await codeFor(served, memoryMax)) !== -1307) await wait(2);
}

test('a body for which there is no memory is refused before it is sent, and what is small is served', {
  timeout,
}, async (t) => {
  await using served = serveSmall();
  const port = await served.listen();
  using stalled = await RawClient.open(port, t.signal);
  await beginBody(served.server.http.server, stalled, requestText('getgroupids', signed(), bodyOf(150_000)), 10);
  using refused = await RawClient.open(port, t.signal);
  refused.write(requestText('getgroupids', signed(), bodyOf(100_000)).slice(0, 400));
  await refused.seen('"code":15');
  assert.match(refused.text, /^HTTP\/1\.1 429 /);
  assert.match(refused.text, /\r\nretry-after: 1\r\n/i);
  assert.equal((await served.call('getgroupids')).code, -1307, 'a small body of the same appid');
  assert.equal(await codeFor(served, 150_000), -1307, 'a body of another appid');
  assert.equal(await codeFor(served, 150_001), 15);
  stalled[Symbol.dispose]();
  await nothingHeld(served);
});

test('a refused body is passed over, and the connection goes on', { timeout }, async (t) => {
  await using served = serveSmall();
  const port = await served.listen();
  using stalled = await RawClient.open(port, t.signal);
  await beginBody(served.server.http.server, stalled, requestText('getgroupids', signed(), bodyOf(150_000)), 10);
  using client = await RawClient.open(port, t.signal);
  client.write(requestText('getgroupids', signed(), bodyOf(100_000)));
  client.write(requestText('getgroupids', signed(), '{"appid":"1"}'));
  await client.seen('"code":15', '"code":-1307');
});

test('what a call holds is free again whatever becomes of it', { timeout }, async (t) => {
  await using served = serveSmall();
  const port = await served.listen();
  const endings: Record<string, (client: RawClient) => Promise<void>> = {
    'it is answered': async (client) => {
      client.write(requestText('getgroupids', signed(), bodyOf(200_000)));
      await client.seen('"code":-1307');
    },
    'its body is malformed': async (client) => {
      client.write(requestText('getgroupids', signed(), 'x'.repeat(200_000)));
      await client.seen('"code":3');
    },
    'its client leaves in the middle of the body': async (client) => {
      await beginBody(
        served.server.http.server,
        client,
        requestText('getgroupids', signed(), bodyOf(200_000)),
        100_000,
      );
      client[Symbol.dispose]();
    },
    'its client ends the body too early': async (client) => {
      await beginBody(
        served.server.http.server,
        client,
        requestText('getgroupids', signed(), bodyOf(200_000)),
        100_000,
      );
      client.finish();
      await client.closed();
    },
    'it comes in chunks': async (client) => {
      const head = requestText('getgroupids', signed(), '').replace('Content-Length: 0', 'Transfer-Encoding: chunked');
      client.write(`${head}186a0\r\n${bodyOf(100_000)}\r\n0\r\n\r\n`);
      await client.seen('"code":-1307');
    },
    'it comes in chunks without end': async (client) => {
      const head = requestText('getgroupids', signed(), '').replace('Content-Length: 0', 'Transfer-Encoding: chunked');
      client.write(`${head}493e1\r\n${'x'.repeat(300_001)}`);
      await client.seen('"code":15');
    },
  };
  for (const end of Object.values(endings)) {
    using client = await RawClient.open(port, t.signal);
    await end(client);
    await nothingHeld(served);
  }
});

test('chunks are counted as they come, and those for which there is no memory end the call', { timeout }, async (t) => {
  await using served = serveSmall();
  const port = await served.listen();
  using stalled = await RawClient.open(port, t.signal);
  await beginBody(served.server.http.server, stalled, requestText('getgroupids', signed(), bodyOf(120_000)), 10);
  using client = await RawClient.open(port, t.signal);
  client.write(requestText('getgroupids', signed(), '').replace('Content-Length: 0', 'Transfer-Encoding: chunked'));
  client.write(`186a0\r\n${'x'.repeat(100_000)}`);
  await client.closed();
  assert.match(client.text, /"code":15,"message":"too many requests memory"\}$/);
  assert.match(client.text, /\r\nconnection: close\r\n/i);
});

test('a picture is counted while it waits for a worker, its body is not, and neither is once a worker has it', {
  timeout,
}, async () => {
  const { analyzer } = openContext();
  const [asked, takes, ends] = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const held: FaceAnalyzer = {
    ...analyzer,
    analyze: async (bytes, options) => {
      asked!.resolve();
      await takes!.promise;
      options.onTaken?.();
      await ends!.promise;
      return analyzer.analyze(bytes, options);
    },
  };
  await using served = serveSmall({ analyzer: held });
  const image = Buffer.concat([pictureOf({ cosine: 1 }), Buffer.alloc(99_000, ' ')]);
  const call = served.call('detect', { image: image.toString('base64'), pad: 'x'.repeat(50_000) });
  await asked!.promise;
  assert.equal(await codeFor(served, memoryMax - image.length), -1307);
  assert.equal(await codeFor(served, memoryMax - image.length + 1), 15);
  takes!.resolve();
  await nothingHeld(served);
  ends!.resolve();
  assert.equal((await call).code, 0);
});

test('downloads are counted as they come, and free again when they fail', { timeout }, async () => {
  const answers: ServerResponse[] = [];
  await using pictures = await servePictures((_request, response) => {
    answers.push(response);
    response.write(Buffer.alloc(90_000));
  });
  await using downloads = openDownloads();
  await using served = serveSmall({ downloads });
  for (let attempt = 1; ; attempt++) {
    const call = served.call('detect', { url: pictures.origin });
    while (answers.length < attempt) await wait(2);
    await wait(20);
    const isCounted = (await codeFor(served, memoryMax - 90_000 + 1)) !== -1307;
    if (isCounted) assert.equal(await codeFor(served, memoryMax - 90_000), -1307);
    answers.at(-1)?.destroy();
    const { code } = await call;
    // A body that is counted when the download's bytes come takes their room: then once more.
    if (!isCounted) continue;
    assert.equal(code, -1403);
    break;
  }
  await nothingHeld(served);
});

test('a download for which there is no memory is refused as every call is', { timeout }, async (t) => {
  await using pictures = await servePictures((_request, response) => response.end(Buffer.alloc(90_000)));
  await using downloads = openDownloads();
  await using served = serveSmall({ downloads });
  using stalled = await RawClient.open(await served.listen(), t.signal);
  await beginBody(served.server.http.server, stalled, requestText('getgroupids', signed(), bodyOf(150_000)), 10);
  const { code, message } = await served.call('detect', { url: pictures.origin });
  assert.deepEqual([code, message], [15, 'too many requests memory']);
});

test('a body larger than the whole memory is too large', async () => {
  await using served = serveSmall({ bodyMemoryMax: 100_000 });
  assert.equal(await codeFor(served, 100_001), 23);
  assert.equal(await codeFor(served, 100_000), -1307);
});

test('of a request that is no call of a proven caller, no body is read', { timeout }, async (t) => {
  await using served = serveSmall();
  const port = await served.listen();
  for (const [text, status] of [
    [requestText('nothing', signed(), bodyOf(1_000)), 404],
    [requestText('getinfo', '', bodyOf(1_000)), 400],
    [requestText('getinfo', signed(), bodyOf(1_000)).replace('POST', 'PUT'), 405],
  ] as const) {
    using client = await RawClient.open(port, t.signal);
    client.write(text.slice(0, -500));
    await client.seen(`HTTP/1.1 ${status} `);
  }
});
