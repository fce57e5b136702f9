/** Files that the operator's listener serves as they are: those of the console. They are public, and the same for everybody. */
import type { FastifyInstance } from 'fastify';

/** A file. */
export interface StaticFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same in gzip. */
  readonly gzipped: Uint8Array;
  /** Whether its path changes with its content, so that a browser need never ask again. */
  readonly isImmutable: boolean;
}

/** By path: `/`, `/assets/main-77MYJDAV.css`. Nothing else can be asked for. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Adds a route for each file. */
export function serveFiles(http: FastifyInstance, files: StaticFiles): void {
  for (const [path, { type, bytes, gzipped, isImmutable }] of files) {
    http.get(path, async (request, reply) => {
      reply.type(type).header('vary', 'accept-encoding');
      // In the place of `no-store`, which every other answer of this listener has.
      if (isImmutable) reply.header('cache-control', 'public, max-age=31536000, immutable');
      if (!takesGzip(request.headers['accept-encoding'])) return bytes;
      reply.header('content-encoding', 'gzip');
      return gzipped;
    });
  }
}

/** Browsers name it without a weight; whoever refuses it, with a weight of 0. */
function takesGzip(accepted = ''): boolean {
  const found = /(?:^|,)\s*gzip\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i.exec(accepted);
  return found !== null && Number(found[1] ?? 1) > 0;
}
