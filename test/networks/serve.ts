/**
 * Analyzes pictures for all test files of a run, over HTTP: the networks are loaded once, and a picture that several
 * tests send is analyzed once.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { serialize } from 'node:v8';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { type Asked, askedHeader, type Outcome, openNetworks } from './lend.ts';

/** Listens on a port of this machine. Nothing is loaded before somebody asks. */
export async function serveNetworks(): Promise<AsyncDisposable & { readonly url: string }> {
  let opened: ReturnType<typeof openNetworks> | undefined;
  const outcomes = new Map<string, Promise<Buffer>>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    opened ??= openNetworks();
    const analyzer = await opened;
    if (request.method === 'GET') {
      response.end(JSON.stringify({ model: analyzer.model, dimension: analyzer.dimension }));
      return;
    }
    const picture = await buffer(request);
    const asked = String(request.headers[askedHeader]);
    const name = createHash('sha256').update(asked).update('\n').update(picture).digest('hex');
    const outcome = outcomes.get(name) ?? analyze(analyzer, picture, JSON.parse(asked)).then(serialize);
    outcomes.set(name, outcome);
    response.end(await outcome);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(500).end(error.stack));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Where tests run in the process of the setup, they end when nothing is left to be done.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}

async function analyze(analyzer: FaceAnalyzer, picture: Buffer, asked: Asked): Promise<Outcome> {
  try {
    return { kind: 'analyzed', analysis: await analyzer.analyze(picture, asked) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', refusal: error.refusal, detail: error.detail };
    return { kind: 'failed', message: (error as Error).stack ?? String(error) };
  }
}
