/** Answers clients that have closed their side of the connection, and notices when one of them is gone altogether. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often a client that has closed its side is probed, in milliseconds. */
const probeEveryMs = 250;

/** A request and what it is answered with. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Has a server answer requests whose client sends nothing more. From here, a client that is gone looks the same until
 * something is sent to it. So an interim answer is (RFC 9110, section 15.2.1: a client must be ready for one at any
 * time): the machine of a client that is gone refuses it, which ends the connection, and with it the work.
 */
export function serveHalfClosed(server: Server): void {
  // An option that Node documents in its source only; without it, the end of the request's side ends the answer's.
  Object.assign(server, { httpAllowHalfOpen: true });
  /** The exchanges of each connection, the oldest first; those that are over may still be among them. */
  const exchanges = new WeakMap<Socket, Exchange[]>();
  server.prependListener('request', (request, response) => {
    const { socket } = request;
    let own = exchanges.get(socket);
    if (own === undefined) {
      own = [];
      exchanges.set(socket, own);
      probeOnceHalfClosed(socket, own);
    }
    while (own[0]?.response.destroyed) own.shift();
    const exchange = { request, response };
    own.push(exchange);
    if (socket.readableEnded) probe(exchange);
  });
}

/** Probes the client of a connection again and again from the end of its side on, while any of its requests is unanswered. */
function probeOnceHalfClosed(socket: Socket, exchanges: readonly Exchange[]): void {
  let timer: NodeJS.Timeout | undefined;
  const probeAll = (): void => {
    for (const exchange of exchanges) probe(exchange);
  };
  const begin = (): void => {
    probeAll();
    timer = setInterval(probeAll, probeEveryMs);
  };
  if (socket.readableEnded) begin();
  else socket.once('end', begin);
  socket.once('close', () => {
    socket.off('end', begin);
    clearInterval(timer);
  });
}

/** A client of HTTP/1.0 knows no interim answers; and of several requests, the first alone has the connection. */
function probe({ request, response }: Exchange): void {
  if (request.httpVersionMinor > 0 && response.socket !== null && !response.headersSent) response.writeContinue();
}
