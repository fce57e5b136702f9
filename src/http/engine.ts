/** What the HTTP engine leaves to the server: odd request targets, expectations, and bytes that are not HTTP. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
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
 * Asks a client that sent `Expect: 100-continue` for its body only once its signature was checked, and only if the body
 * announces no more than it may have. A client refused before that keeps its body, so Node ends the connection, on which
 * the body would be missing.
 * @returns has a listener of the server do so.
 */
export function continueOnlyWhenWanted(http: FastifyInstance, bodyBytesMax: number): (server: Server) => void {
  const waiting = new WeakSet<IncomingMessage>();
  http.addHook('preParsing', (request, reply, payload, done) => {
    const isTooLarge = Number(request.headers['content-length']) > bodyBytesMax;
    if (!isTooLarge && waiting.delete(request.raw)) reply.raw.writeContinue();
    done(null, payload);
  });
  return (server) => {
    server.on('checkContinue', (request, response) => {
      waiting.add(request);
      server.emit('request', request, response);
    });
    // Any other expectation is passed over: the engine would refuse it with no body at all.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  };
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
