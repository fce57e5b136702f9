import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

/** Promises more bytes than it sends. */
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('half', () => response.destroy());
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => void server.close());

allAnswer(
  import.meta,
  'a download that breaks off has a code of its own',
  async (service, endpoint) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/face.jpg`;
    return service.call(endpoint, goodRequest(endpoint, '', { url }));
  },
  { of: withPictures, prepare: register },
);
