import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { RefusalName } from '../../src/errors/refusals.ts';
import { assertRefused, bytesMax, open, serveSocket } from './download-servers.ts';

const timeout = 10_000;

/** Answers that end no download by themselves: the server keeps the connection, and more may always come. */
const endless: Readonly<Record<string, readonly [head: string, outcome: RefusalName]>> = {
  'a refused status': ['HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nx', 'downloadFailed'],
  'a redirect to where nothing may be fetched': [
    'HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 9\r\n\r\nx',
    'downloadFailed',
  ],
  'a compressed answer': ['HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nx', 'downloadFailed'],
  'too large by its own account': [`HTTP/1.1 200 OK\r\nContent-Length: ${bytesMax + 1}\r\n\r\nx`, 'downloadBroken'],
  'too large in fact': [
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${(bytesMax + 1).toString(16)}\r\n${'x'.repeat(bytesMax + 1)}`,
    'downloadBroken',
  ],
};

/** A server of sockets, and its next connection. */
async function serveNext(answer: (socket: Socket) => void) {
  const came = Promise.withResolvers<Socket>();
  const server = await serveSocket((socket) => {
    came.resolve(socket);
    socket.resume();
    answer(socket);
  });
  return { server, came: came.promise };
}

test('whatever comes of a download, its connection is ended', { timeout }, async (t) => {
  for (const [what, [text, refusal]] of Object.entries(endless)) {
    const { server, came } = await serveNext((socket) => socket.once('data', () => socket.write(text)));
    await using _server = server;
    await using downloads = open();
    await assertRefused(downloads.fetch(server.origin), refusal);
    const socket = await came;
    if (!socket.closed) await once(socket, 'close', { signal: t.signal }).catch(() => assert.fail(what));
  }
});

test('a caller who leaves while the connection is being made ends it at once', { timeout }, async (t) => {
  const { server, came } = await serveNext(() => {});
  await using _server = server;
  await using downloads = open({ connectTimeoutMs: 60_000, timeoutMs: 60_000 });
  const caller = new AbortController();
  const reason = new Error('the caller left');
  // The server never says a word of TLS, so that the connection is not made before the caller leaves.
  const fetched = downloads.fetch(server.origin.replace('http:', 'https:'), { signal: caller.signal });
  const ended = assert.rejects(fetched, (error) => error === reason);
  const socket = await came;
  caller.abort(reason);
  if (!socket.closed) await once(socket, 'close', { signal: t.signal });
  await ended;
});

test('a download that is out of time while the connection is being made ends it', { timeout }, async (t) => {
  const { server, came } = await serveNext(() => {});
  await using _server = server;
  await using downloads = open({ connectTimeoutMs: 60_000, timeoutMs: 50 });
  const fetched = downloads.fetch(server.origin.replace('http:', 'https:'));
  const ended = assertRefused(fetched, 'downloadFailed', /the download timed out/);
  const socket = await came;
  if (!socket.closed) await once(socket, 'close', { signal: t.signal });
  await ended;
});
