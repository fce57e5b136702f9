import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { expectations } from './expectations.ts';
import { type Form, forms, send } from './forms.ts';
import { openPictures, type Pictures } from './pictures.ts';
import { fill, type Recording, readRecordings } from './recordings.ts';
import { Registry } from './registry.ts';
import { type Account, openServer, type Server } from './server.ts';
import { Table } from './table.ts';

const recordings = readRecordings();
const clients = [...new Set(recordings.map(({ client }) => client))];
const table = new Table(
  'requests',
  forms.map(({ name }) => name),
);

let server: Server;
let pictures: Pictures;
before(async () => {
  pictures = await openPictures();
  server = await openServer(clients.length);
});
after(async () => {
  console.log(`\nRecorded requests that were sent again, and passed:\n\n${table.render()}\n`);
  await server[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

test('there are 112 recordings of six clients, and an expectation for the endpoint of each', () => {
  assert.deepEqual([recordings.length, clients.length], [112, 6]);
  for (const { endpoint } of recordings) assert.ok(expectations[endpoint], endpoint);
});

// On a server that is not ours all clients share an account, and would get into each other's way.
suite('recorded requests', { concurrency: process.env.URL === undefined ? 2 : 1 }, () => {
  for (const [i, client] of clients.entries()) {
    suite(client, { concurrency: 1 }, () => {
      let registry: Registry;
      before(() => {
        registry = new Registry(server.url, server.accounts[i]!, pictures);
      });
      for (const recording of recordings.filter((one) => one.client === client)) {
        test(`${recording.file}, however it is put on the wire, is answered and does what it says`, async () => {
          table.add(client, 'requests');
          for (const form of forms) {
            if (form.lineEnd !== undefined && !recording.multipart) continue;
            await run(recording, form, server.accounts[i]!, registry);
            table.add(client, form.name);
          }
        });
      }
    });
  }
});

async function run(recording: Recording, form: Form, account: Account, registry: Registry): Promise<void> {
  const { endpoint, said } = recording;
  const { fields, pictures: names = [], prepare, check } = expectations[endpoint]!;
  const faceIds = await prepare(registry, said);
  const filling = {
    account,
    host: new URL(server.url).host,
    pictures: names.map((name) => pictures.bytes[name]),
    urls: names.map(pictures.urlOf),
    faceIds,
  };
  const follower = recordings.find((one) => one.client === recording.client && one.endpoint === 'getgroupids')!;
  const request = fill(recording, filling, form.lineEnd);
  const [reply, second] = await send(server.url, form, request, fill(follower, filling));
  const where = `${form.name}: ${reply?.body}`;
  assert.equal(reply?.status, 200, where);
  assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8', where);
  assert.equal(reply.headers.get('content-length'), String(Buffer.byteLength(reply.body)), where);
  const { data } = JSON.parse(reply.body);
  assert.deepEqual(Object.keys(data ?? {}), fields, where);
  assert.equal(reply.body, JSON.stringify({ code: 0, message: 'OK', data }), where);
  if (fields.includes('session_id')) assert.match(data.session_id, /^[\x21-\x7e]{1,128}$/);
  await check(registry, said, data, faceIds).catch((cause) => {
    throw new Error(`${where}\n${cause.message}`, { cause });
  });
  // Whether there are any groups depends on what the first request did.
  if (form.pipelined) assert.ok([0, -1307].includes(JSON.parse(second?.body ?? '').code), `second: ${second?.body}`);
}
