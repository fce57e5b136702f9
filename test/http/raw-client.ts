/** One connection to a server of this machine, as a test writes it: what goes out when, what comes back, and when it ends. */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** A client that speaks HTTP only as far as its test does. */
export class RawClient implements Disposable {
  /** What has come so far, in Latin-1. */
  text = '';
  readonly #socket: Socket;
  readonly #closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        this.text += bytes.toString('latin1');
      });
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /**
   * Connects.
   * @param signal the test's own: when its time is over the connection ends, and with it every wait.
   */
  static async open(port: number, signal: AbortSignal): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', signal });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Writes bytes, or text in Latin-1. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Says that nothing more is sent, and goes on reading. */
  finish(): void {
    this.#socket.end();
  }

  /** Resolves once what has come has all of the texts in it; rejects if the connection ends without them. */
  async seen(...texts: readonly string[]): Promise<void> {
    while (!texts.every((text) => this.text.includes(text))) {
      if (this.#socket.closed) throw new Error(`the connection ended after: ${JSON.stringify(this.text)}`);
      await Promise.race([once(this.#socket, 'data'), this.#closed]);
    }
  }

  /** Resolves once the server has closed the connection. */
  closed(): Promise<void> {
    return this.#closed;
  }

  /** Leaves without a word. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The head and the body of a request to an endpoint, with a length. */
export function requestText(
  endpoint: string,
  authorization: string,
  body: string,
  headers: readonly string[] = [],
): string {
  const lines = [
    `POST /face/${endpoint} HTTP/1.1`,
    'Host: x',
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Sends a request without the end of its body; resolves when the server has what was sent of it.
 * @param text the whole request.
 * @param bodyBytes how much of its body is sent.
 */
export async function beginBody(server: Server, client: RawClient, text: string, bodyBytes: number): Promise<void> {
  const came = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const sent = text.slice(0, text.indexOf('\r\n\r\n') + 4 + bodyBytes);
  client.write(sent);
  const [request] = await came;
  while (request.socket.bytesRead < sent.length) await setImmediate();
  await setImmediate();
}
