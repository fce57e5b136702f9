/** What the HTTP engine leaves to the server: odd request targets, expectations, and bytes that are not HTTP. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { refusals } from '../contract/refusals.ts';
import { Refusal } from '../errors/refusals.ts';
import { envelopeType, refused } from './envelope.ts';

/** A client behind a proxy setting sends the whole url as the request's target. */
export function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?]*/i.exec(target);
  if (absolute === null) return target;
  const rest = target.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Clients that sent `Expect: 100-continue` and wait to be asked for their bodies. A client that is refused keeps its body, so
 * Node ends the connection, on which the body would be missing.
 */
export class Expectations {
  readonly #waiting = new WeakSet<IncomingMessage>();

  /** Notes the clients of a listener that wait. */
  watch(server: Server): void {
    server.on('checkContinue', (request, response) => {
      this.#waiting.add(request);
      server.emit('request', request, response);
    });
    // Any other expectation is passed over: the engine would refuse it with no body at all.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  }

  /** Asks for a body whose signature was checked, if its client waits, and if it announces no more than it may have. */
  meet(request: IncomingMessage, response: ServerResponse, bodyBytesMax: number): void {
    if (request.headers.expect === undefined || Number(request.headers['content-length']) > bodyBytesMax) return;
    if (this.#waiting.delete(request)) response.writeContinue();
  }
}

/** Answers CONNECT, for which the engine makes no request: left to itself, it ends the connection without a word. */
export function answerConnect(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {}).resume();
    endWith(socket, new Refusal('wrongMethod'));
  });
}

/** Answers what never became a request: the bytes were not HTTP, or came too slowly. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  endWith(socket, new Refusal('invalidRequest'));
}

/** Writes an answer to a connection, and ends it. */
function endWith(socket: Socket, refusal: Refusal): void {
  const { status } = refusals[refusal.refusal];
  const body = refused(refusal);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${envelopeType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
