/** The same program on the other side of every way to cross: it takes a picture, and answers as much as is told of a face. */
import { parentPort } from 'node:worker_threads';
import { serveRequests } from '../../src/processes/serve.ts';

/** What is answered: the sizes are those of a face with its embedding and its crop. */
export interface Echo {
  /** The picture's last byte, which tells that all of it is there. */
  readonly last: number | undefined;
  readonly embedding: Float32Array;
  readonly crop: Uint8Array;
}

/** The way by which this program was started. */
type Way = 'pipe' | 'fork' | 'thread';

/** Answers a picture; what tinypool calls. */
export default function answer(picture: Uint8Array): Echo {
  return { last: picture.at(-1), embedding: new Float32Array(256).fill(0.1), crop: new Uint8Array(8_000).fill(1) };
}

const ways: Readonly<Record<Way, () => void>> = {
  pipe: () => void serveRequests(async (_: unknown, picture: Uint8Array) => answer(picture)),
  fork: () => process.on('message', (picture: Uint8Array) => process.send!(answer(picture))),
  thread: () => parentPort!.on('message', (picture: Uint8Array) => parentPort!.postMessage(answer(picture))),
};

const way = process.env.CROSSING as Way | undefined;
if (way !== undefined) ways[way]();
