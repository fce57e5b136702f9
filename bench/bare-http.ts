/** A server that shows how fast HTTP can be on this runtime: Fastify as it comes, which parses a body and answers a fixed envelope. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

const answer = {
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
};
const server = fastify();
server.post('/face/getinfo', async () => answer);
await server.listen({ host: '127.0.0.1', port: 0 });
console.log(`familiar listens on http://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
process.once('SIGTERM', () => void server.close());
