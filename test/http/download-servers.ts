/** Stands in for the servers that urls lead to: real sockets on this machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { type DownloadOptions, faultOf, openDownloads } from '../../src/http/download.ts';

/** The longest body that {@link open} allows. */
export const bytesMax = 100_000;

/** Downloads that may reach 127.0.0.1, and are patient unless told otherwise. */
export function open(options: Partial<DownloadOptions> = {}) {
  return openDownloads({
    allowHosts: ['127.0.0.1'],
    bytesMax,
    connectTimeoutMs: 5_000,
    firstByteTimeoutMs: 5_000,
    timeoutMs: 10_000,
    redirectsMax: 3,
    socketsMax: 4,
    ...options,
  });
}

/** A server that listens until it is disposed of. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** How many connections have come. */
  readonly connections: () => number;
  /** How many of them are open. */
  readonly open: () => number;
}

/** Starts a server on a free port; disposing of it closes every connection. */
export async function listen(server: Server, host: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    connections: () => connections,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Serves HTTP. */
export const serve = (handler: RequestListener, host = '127.0.0.1') => listen(createServer(handler), host);
/** Serves sockets. */
export const serveSocket = (handler: (socket: Socket) => void) => listen(createSocketServer(handler), '127.0.0.1');

/** Answers the first bytes of a request with these, and ends the connection if told to. */
export const serveText = (text: string, end = false) =>
  serveSocket((socket) => socket.once('data', () => (end ? socket.end(text) : socket.write(text))));

/** Asserts the refusal, and that its message tells nothing of the url. */
export async function assertRefused(promise: Promise<unknown>, name: RefusalName, detail = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.refusal, name);
    assert.match(error.detail, detail);
    // Nothing of the urls in these tests may be told.
    assert.doesNotMatch(error.message, /127\.|localhost|secret|\/a|:\d/);
    return true;
  });
}

/** Asserts that there was no connection: the caller is told no more than that, and the log has the reason. */
export async function assertUnreached(promise: Promise<unknown>, reason: string): Promise<void> {
  await assertRefused(promise, 'downloadFailed', /^the host was not reached$/);
  assert.equal(await promise.catch(faultOf), reason);
}
