/** A CompreFace server, as far as its documentation describes what an import asks for. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What calls must have in the header `x-api-key`. */
export const compreFaceKey = 'the-key';

/** A running server. */
export interface CompreFaceServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts one on a free port.
 * @param images the ids of the images of each subject.
 * @param open the bytes of an image; undefined if the server fails.
 */
export async function openCompreFaceServer(
  images: ReadonlyMap<string, readonly string[]>,
  open: (imageId: string) => Uint8Array | undefined,
): Promise<CompreFaceServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://h');
    const json = (value: unknown, status = 200): void => {
      response.statusCode = status;
      response.end(JSON.stringify(value));
    };
    const path = url.pathname.replace('/api/v1/recognition/', '');
    const [, imageId] = /^faces\/(.+)\/img$/.exec(path) ?? [];
    if (request.headers['x-api-key'] !== compreFaceKey) json({ message: 'Unauthorized' }, 401);
    else if (path === 'subjects/') json({ subjects: [...images.keys()] });
    else if (path === 'faces') json(pageOf(images, url.searchParams));
    else if (imageId === undefined) json({ message: 'Not found' }, 404);
    else {
      const bytes = open(imageId);
      if (bytes === undefined) json({ message: 'Something went wrong' }, 500);
      else response.end(bytes);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

function pageOf(images: ReadonlyMap<string, readonly string[]>, query: URLSearchParams): object {
  const [page, size] = [Number(query.get('page')), Number(query.get('size'))];
  const subject = query.get('subject');
  const all = [...images].flatMap(([name, ids]) => ids.map((id) => ({ image_id: id, subject: name })));
  const faces = all.filter((face) => subject === null || face.subject === subject);
  return {
    faces: faces.slice(page * size, (page + 1) * size),
    page_number: page,
    page_size: size,
    total_pages: Math.ceil(faces.length / size),
    total_elements: faces.length,
  };
}
