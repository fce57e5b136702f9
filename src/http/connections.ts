/** Tracks which connections have a request in flight, so that a server can finish those and close the rest. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of one server. */
export class Connections {
  /** Requests in flight by connection. */
  readonly #inFlight = new Map<Socket, number>();
  #closing = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#inFlight.set(socket, 0);
      socket.once('close', () => this.#inFlight.delete(socket));
    });
    const begin = (request: IncomingMessage, response: ServerResponse) => this.#begin(request.socket, response);
    server.prependListener('request', begin);
  }

  /** Closes every connection without a request in flight now, and the others when theirs are answered. */
  close(): void {
    this.#closing = true;
    for (const [socket, requests] of this.#inFlight) if (requests === 0) socket.destroy();
  }

  #begin(socket: Socket, response: ServerResponse): void {
    this.#inFlight.set(socket, (this.#inFlight.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (this.#inFlight.get(socket) ?? 1) - 1;
      if (this.#inFlight.has(socket)) this.#inFlight.set(socket, left);
      // Ending, not destroying: the answer may still be on its way out.
      if (this.#closing && left === 0) socket.end();
    });
  }
}
