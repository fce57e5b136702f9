/** What visitors of the operator's listener are answered with: operations, pictures of faces, and the console. Loaded with the first of them. */
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { Discards } from '../discards.ts';
import { answerError, type OperatorApi, serveOperations } from './api.ts';
import { serveCrops } from './crops.ts';
import { securityHeaders } from './headers.ts';
import { OperationError } from './operation-error.ts';
import { type StaticFiles, serveFiles } from './static-files.ts';

/** What is served. */
export interface PagesParts {
  readonly api: OperatorApi;
  /** The files of the console, by path. */
  readonly files: StaticFiles;
}

/** Makes what answers requests; it does not listen itself. */
export async function openPages({ api, files }: PagesParts, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
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
  serveOperations(http, api);
  serveCrops(http, api);
  serveFiles(http, files);
  await http.ready();
  return http;
}
