/** A server that shows how fast HTTP can be on this runtime: it reads a body and answers a fixed envelope. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answer = JSON.stringify({
  code: 0,
  message: 'OK',
  data: {
    person_name: 'name',
    person_id: 'bench',
    face_ids: ['1058273550121631744'],
    group_ids: ['bench'],
    session_id: 'x'.repeat(36),
    tag: '',
  },
});
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`familiar listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => server.close(() => process.exit(0)));
