/** The photographs that calls carry: small ones of one face each, and a server that hands them out. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Three strangers, and another picture of the first of them. */
export type PictureName = 'ada' | 'ada again' | 'bea' | 'cleo';

/** Pictures by name, and where each can be downloaded. */
export interface Pictures extends AsyncDisposable {
  readonly bytes: Readonly<Record<PictureName, Buffer>>;
  readonly urlOf: (name: PictureName) => string;
}

/** Side of each picture in pixels: small, so that it can be sent byte by byte. */
const side = 200;

/** Where the face is: number of the photograph, left, top and side of a square around it. */
const squares: Readonly<Record<PictureName, readonly [number, number, number, number]>> = {
  ada: [3, 965, 150, 440],
  'ada again': [3, 985, 165, 400],
  bea: [5, 255, 810, 450],
  cleo: [6, 1370, 200, 440],
};

/**
 * Cuts the pictures out of photographs that come with the networks, and serves them.
 * The server under test must be able to reach `PICTURES_HOST` of the environment, which is 127.0.0.1 unless it is set.
 */
export async function openPictures(): Promise<Pictures> {
  const cut = Object.entries(squares).map(async ([name, square]) => [name, await crop(...square)] as const);
  const bytes = Object.fromEntries(await Promise.all(cut)) as Record<PictureName, Buffer>;
  const server = createServer((request, response) => {
    const picture = bytes[decodeURIComponent((request.url ?? '').slice(1)) as PictureName];
    if (picture === undefined) response.writeHead(404).end();
    else response.end(picture);
  });
  const host = process.env.PICTURES_HOST ?? '127.0.0.1';
  await new Promise<void>((resolve) => server.listen(0, host === '127.0.0.1' ? host : undefined, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    bytes,
    urlOf: (name) => `http://${host}:${port}/${encodeURIComponent(name)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function crop(photograph: number, left: number, top: number, width: number): Promise<Buffer> {
  const file = new URL(`../../node_modules/@vladmandic/face-api/demo/sample${photograph}.jpg`, import.meta.url);
  return sharp(fileURLToPath(file)).extract({ left, top, width, height: width }).resize(side).jpeg().toBuffer();
}
