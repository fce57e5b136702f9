/** Answers clients that have closed their side of the connection, and notices when one of them is gone altogether. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** How often a client that has closed its side is probed, in milliseconds. */
const probeEveryMs = 250;

/**
 * Has a server answer requests whose client sends nothing more. From here, a client that is gone looks the same until
 * something is sent to it. So an interim answer is (RFC 9110, section 15.2.1: a client must be ready for one at any
 * time): the machine of a client that is gone refuses it, which ends the connection, and with it the work.
 */
export function serveHalfClosed(server: Server): void {
  // An option that Node documents in its source only; without it, the end of the request's side ends the answer's.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.prependListener('request', (request, response) => {
    const { socket } = request;
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => {
      probe(request, response);
      timer = setInterval(() => probe(request, response), probeEveryMs);
    };
    if (socket.readableEnded) begin();
    else socket.once('end', begin);
    const end = (): void => {
      socket.off('end', begin).off('close', end);
      response.off('close', end);
      clearInterval(timer);
    };
    response.once('close', end);
    // Of several requests on a connection that breaks off, only the first one's answer is told so.
    socket.once('close', end);
  });
}

/** A client of HTTP/1.0 knows no interim answers; and of several requests, the first alone has the connection. */
function probe(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMinor > 0 && response.socket !== null && !response.headersSent) response.writeContinue();
}
