/** The operator's listener: what only the person who runs the server may see. It speaks no face API. */
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { urlOf } from '../listening.ts';

/** What the operator's listener is made of. */
export interface AdminParts {
  readonly metrics: { scrape(): Promise<string>; readonly contentType: string };
  readonly log: FastifyBaseLogger;
}

/** An operator's listener that listens. */
export interface AdminServer extends AsyncDisposable {
  /** `http://127.0.0.1:8081`. */
  readonly url: string;
}

/** Where to listen. */
export interface AdminAddress {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Whether a free port will do if this one is taken: it is the default, and nobody asked for it. */
  readonly mayMove: boolean;
}

/**
 * Opens the operator's listener.
 * @throws Error if the address cannot be listened on.
 */
export async function openAdminServer(parts: AdminParts, { host, port, mayMove }: AdminAddress): Promise<AdminServer> {
  const http = fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  });
  http.get('/metrics', async (_request, reply) => {
    reply.type(parts.metrics.contentType);
    return parts.metrics.scrape();
  });
  try {
    await http.listen({ host, port });
  } catch (error) {
    if (!mayMove || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await http.listen({ host, port: 0 });
  }
  return { url: urlOf('http', http.server), [Symbol.asyncDispose]: () => http.close() };
}
