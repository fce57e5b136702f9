/** The operator's listener: what only the person who runs the server may see. It speaks no face API. */
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { Discards } from '../discards.ts';
import { urlOf } from '../listening.ts';
import { answerError, type OperatorApi, serveOperations } from './api.ts';
import { serveCrops } from './crops.ts';
import { securityHeaders } from './headers.ts';
import { OperationError } from './operation-error.ts';
import { type StaticFiles, serveFiles } from './static-files.ts';

/** What the operator's listener is made of. */
export interface AdminParts {
  readonly metrics: { scrape(): Promise<string>; readonly contentType: string };
  readonly api: OperatorApi;
  /** The files of the console, by path. */
  readonly files: StaticFiles;
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
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  });
  http.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders));
  // Who is refused while they still send reads the answer only once all is sent.
  const discards = new Discards();
  http.addHook('onSend', async (request) => {
    if (!request.raw.complete) discards.add(request.raw);
  });
  http.setErrorHandler(answerError);
  http.setNotFoundHandler((request, reply) => {
    answerError(new OperationError('unknown', 'there is nothing here'), request, reply);
  });
  http.get('/metrics', async (_request, reply) => {
    reply.type(parts.metrics.contentType);
    return parts.metrics.scrape();
  });
  serveOperations(http, parts.api);
  serveCrops(http, parts.api);
  serveFiles(http, parts.files);
  try {
    await http.listen({ host, port });
  } catch (error) {
    if (!mayMove || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await http.listen({ host, port: 0 });
  }
  return { url: urlOf('http', http.server), [Symbol.asyncDispose]: () => http.close() };
}
