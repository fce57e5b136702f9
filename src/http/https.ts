/** Serves https beside http: the same routes, limits and answers behind another listener. */
import { createServer, type Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Certificates } from './certificates.ts';

/** How long a client may take to agree on keys, in milliseconds; Node's own limit of two minutes would let idle connections pile up. */
const handshakeTimeoutMs = 10_000;

/** Makes a server whose requests `http`, which must be ready, answers; it does not listen yet. */
export function createHttps(http: FastifyInstance, certificates: Certificates): Server {
  const server = createServer(
    {
      SNICallback: (name, done) => done(null, certificates.contextFor(name)),
      handshakeTimeout: handshakeTimeoutMs,
      requireHostHeader: false,
    },
    http.routing,
  );
  certificates.serve(server);
  const { requestTimeout, headersTimeout, keepAliveTimeout, timeout, maxRequestsPerSocket } = http.server;
  return Object.assign(server, { requestTimeout, headersTimeout, keepAliveTimeout, timeout, maxRequestsPerSocket });
}
