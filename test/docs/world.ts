/** The world in which the documents' examples run: an account of its own, and the pictures that they name. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { makeKey } from '../../src/app/first-key.ts';
import type { Key } from '../../src/auth/keys.ts';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import { type Answer, photograph, sendTo, signFor, type TestApp } from '../harness.ts';

/** What else must have been called, besides newperson, for an example to find what it speaks of. */
const before: Partial<Record<EndpointName, readonly EndpointName[]>> = {
  delface: ['addface'],
  delgroupids: ['addgroupids'],
};

/** Where the examples' pictures are served. */
export interface Pictures extends AsyncDisposable {
  /** `http://127.0.0.1:1234`. */
  readonly url: string;
  /** The bytes of a picture by its file name. */
  readonly open: (name: string) => Promise<Uint8Array>;
}

/** One account, in which what an example needs has been done. */
export interface World {
  readonly key: Key;
  /** Puts this world's values where a document has the examples'. */
  readonly fill: (text: string) => string;
}

/** Serves a photograph for every name, but a picture without any face for `sea.jpg`. */
export async function servePictures(): Promise<Pictures> {
  const sea = sharp({ create: { width: 200, height: 150, channels: 3, background: '#357' } });
  const [empty, one, other] = await Promise.all([sea.jpeg().toBuffer(), small(1), small(2)]);
  const open = async (name: string) => (name === 'sea.jpg' ? empty : name === 'other.jpg' ? other : one);
  const server = createServer((request, response) => {
    open((request.url ?? '').slice(1)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    open,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A photograph that is small enough to be looked at soon. */
async function small(number: 1 | 2): Promise<Buffer> {
  return sharp(await photograph(number))
    .resize(400)
    .jpeg()
    .toBuffer();
}

/** Makes an account in which the example of `name` can be run. */
export async function prepare(app: TestApp, pictures: Pictures, name: EndpointName): Promise<World> {
  const key = makeKey(Date.now());
  await app.app.stores.keys.addKey(key, []);
  const values = new Map([
    [String(endpoints.newperson.example.request.appid), key.appid],
    ['http://pictures.example', pictures.url],
    ['http://127.0.0.1:8080', app.app.url],
  ]);
  const fill = (text: string) => [...values].reduce((filled, [from, to]) => filled.replaceAll(from, to), text);
  const world = { key, fill };
  const calls: EndpointName[] = name === 'newperson' ? [] : ['newperson', ...(before[name] ?? [])];
  for (const call of calls) {
    const { example } = endpoints[call] as Endpoint;
    const answer = await sendJson(app, world, call, fill(JSON.stringify(example.request)));
    if (answer.code !== 0) throw new Error(`${call} was refused: ${answer.text}`);
    for (const [documented, real] of faceIds(example.data, answer.data)) values.set(documented, real);
  }
  return world;
}

/** Calls an endpoint in a world with a JSON body. */
export function sendJson(app: TestApp, { key }: World, name: EndpointName, body: string): Promise<Answer> {
  const headers = { authorization: signFor(key), 'content-type': 'application/json' };
  return sendTo(`${app.app.url}/face/${name}`, { method: 'POST', headers, body });
}

/** The face ids that a document gives, each with the one that the server made. */
function faceIds(
  documented: Readonly<Record<string, unknown>>,
  real: Readonly<Record<string, unknown>>,
): [string, string][] {
  return ['face_id', 'face_ids'].flatMap((name) => {
    const [from, to] = [documented[name], real[name]].map((ids) => (ids === undefined ? [] : [ids].flat())) as [
      string[],
      string[],
    ];
    return from.map((id, i): [string, string] => [id, to[i] as string]).filter(([id]) => id !== '');
  });
}
