/** The operator's listener: what only the person who runs the server may see. It speaks no face API. */
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { urlOf } from '../listening.ts';
import { securityHeaders } from './headers.ts';
import type { PagesParts } from './pages.ts';

/** What the operator's listener is made of. */
export interface AdminParts {
  readonly metrics: { scrape(): Promise<string>; readonly contentType: string };
  /** Makes what visitors are served with, when the first one comes: who has none should not have it in memory. */
  readonly pages: () => Promise<PagesParts>;
  readonly log: FastifyBaseLogger;
}

/** An operator's listener that listens. */
export interface AdminServer extends AsyncDisposable {
  /** `http://127.0.0.1:8081`. */
  readonly url: string;
}

/** The most connections: a browser opens six. Whoever opens more must not take the descriptors of files from the face API. */
const connectionsMax = 256;
/** The longest that a request may take to arrive, in milliseconds: that of Node, which Fastify leaves out. */
const requestMs = 5 * 60 * 1_000;

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
    requestTimeout: requestMs,
  });
  http.server.maxConnections = connectionsMax;
  http.get(
    '/metrics',
    { onRequest: async (_request, reply) => void reply.headers(securityHeaders) },
    async (_, reply) => {
      reply.type(parts.metrics.contentType);
      return parts.metrics.scrape();
    },
  );
  let opening: Promise<FastifyInstance> | undefined;
  // Before anything is made of a request: the pages read it themselves, and know what they have to hold of its body.
  http.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    opening ??= openLazily(parts);
    const pages = await opening.catch((err: unknown) => {
      // The next visitor may have more luck.
      opening = undefined;
      request.log.error({ err }, 'the pages of the operator could not be opened');
      return undefined;
    });
    if (pages === undefined) {
      const message = 'the server has a fault: its log says which';
      return reply
        .code(500)
        .headers(securityHeaders)
        .send({ error: { code: 'fault', message } });
    }
    reply.hijack();
    pages.routing(request.raw, reply.raw);
    return reply;
  });
  try {
    await http.listen({ host, port });
  } catch (error) {
    if (!mayMove || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await http.listen({ host, port: 0 });
  }
  return {
    url: urlOf('http', http.server),
    async [Symbol.asyncDispose]() {
      await http.close();
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

async function openLazily({ pages, log }: AdminParts): Promise<FastifyInstance> {
  const [{ openPages }, parts] = await Promise.all([import('./pages.ts'), pages()]);
  return openPages(parts, log);
}
