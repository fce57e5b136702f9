/** Tracks connections: which have a request in flight when a server finishes, and how many there are, in all and of an appid. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections there may be. */
export interface ConnectionLimits {
  /** In all. Up to twice as many are accepted, so that those beyond can be told; more are closed without an answer. */
  readonly max: number;
  /** Those on which an appid made the last call. */
  readonly appidMax: number;
}

/** The connections of the server, over all its listeners. */
export class Connections {
  readonly #limits: ConnectionLimits;
  /** Requests in flight by connection. */
  readonly #inFlight = new Map<Socket, number>();
  /** Connections beyond the limit, whose requests are refused. */
  readonly #spare = new WeakSet<Socket>();
  /** Which appid made the last call on a connection. */
  readonly #appids = new Map<Socket, string>();
  readonly #countByAppid = new Map<string, number>();
  /** Connections on which no proven caller has made a call, the oldest first. */
  readonly #strangers = new Set<Socket>();
  #closing = false;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /**
   * Tracks the connections of a listener.
   * @param event that brings a connection that requests may come on: `secureConnection` for https.
   */
  watch(server: Server, event: 'connection' | 'secureConnection' = 'connection'): void {
    server.maxConnections = 2 * this.#limits.max;
    server.on(event, (socket: Socket) => {
      if (this.#inFlight.size >= this.#limits.max && !this.#dismissStranger()) this.#spare.add(socket);
      this.#inFlight.set(socket, 0);
      this.#strangers.add(socket);
      socket.once('close', () => this.#forget(socket));
    });
    const begin = (request: IncomingMessage, response: ServerResponse) => this.#begin(request.socket, response);
    server.prependListener('request', begin);
  }

  /** Whether a connection was one too many when it was made. */
  isSpare(socket: Socket): boolean {
    return this.#spare.has(socket);
  }

  /** Notes that an appid calls on a connection. @returns false, and notes nothing, if it has as many as it may. */
  claim(socket: Socket, appid: string): boolean {
    if (!this.#inFlight.has(socket) || this.#appids.get(socket) === appid) return true;
    const count = this.#countByAppid.get(appid) ?? 0;
    if (count >= this.#limits.appidMax) return false;
    this.#release(socket);
    this.#strangers.delete(socket);
    this.#appids.set(socket, appid);
    this.#countByAppid.set(appid, count + 1);
    return true;
  }

  /** Closes every connection without a request in flight now, and the others when theirs are answered. */
  close(): void {
    this.#closing = true;
    for (const [socket, requests] of this.#inFlight) if (requests === 0) socket.destroy();
  }

  /**
   * Closes the oldest connection on which nobody has proven who it is and no request is in flight: whoever has no key cannot
   * keep callers out by opening connections.
   * @returns false if there is none.
   */
  #dismissStranger(): boolean {
    for (const socket of this.#strangers) {
      if (this.#inFlight.get(socket) !== 0) continue;
      socket.destroy();
      this.#forget(socket);
      return true;
    }
    return false;
  }

  #forget(socket: Socket): void {
    this.#inFlight.delete(socket);
    this.#strangers.delete(socket);
    this.#release(socket);
  }

  #release(socket: Socket): void {
    const appid = this.#appids.get(socket);
    if (appid === undefined) return;
    this.#appids.delete(socket);
    const count = this.#countByAppid.get(appid) ?? 0;
    if (count > 1) this.#countByAppid.set(appid, count - 1);
    else this.#countByAppid.delete(appid);
  }

  #begin(socket: Socket, response: ServerResponse): void {
    this.#inFlight.set(socket, (this.#inFlight.get(socket) ?? 0) + 1);
    response.on('close', () => {
      const left = (this.#inFlight.get(socket) ?? 1) - 1;
      if (this.#inFlight.has(socket)) this.#inFlight.set(socket, left);
      // Ending, not destroying: the answer may still be on its way out.
      if (this.#closing && left === 0) socket.end();
    });
  }
}
