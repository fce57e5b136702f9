/** Knows what the shipped eye says of labelled photographs: the whole way, threads and all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, Eyes, SeenFace } from '../../src/domain/eyes.ts';
import { Refusal } from '../../src/errors/refusals.ts';

/** One face with what is told of it. */
export type Face = SeenFace<'attributes' | 'embedding'>;

/** What came of one picture. */
export interface Gaze {
  /** The face that a label is about: in LFW the one nearest the middle, elsewhere the largest. */
  readonly face: Face | undefined;
  readonly boxes: readonly Box[];
  /** The refusal's code and message, or the bug. */
  readonly trouble: string | undefined;
  readonly timings: Readonly<Record<string, number>>;
}

/** Looks at every picture, so many at a time, and tells how far it is. */
export async function gazeAll(
  eyes: Eyes,
  data: string,
  paths: Iterable<string>,
  abreast: number,
): Promise<ReadonlyMap<string, Gaze>> {
  const queue = [...new Set(paths)];
  const gazes = new Map<string, Gaze>();
  const next = queue.values();
  const walk = async (): Promise<void> => {
    for (const path of next) {
      gazes.set(path, await gaze(eyes, data, path));
      if (gazes.size % 500 === 0) process.stderr.write(`${gazes.size} of ${queue.length}\n`);
    }
  };
  await Promise.all(Array.from({ length: abreast }, walk));
  return gazes;
}

async function gaze(eyes: Eyes, data: string, path: string): Promise<Gaze> {
  try {
    const picture = Uint8Array.from(readFileSync(join(data, path)));
    const sight = await eyes.look(picture, { most: 5, parts: ['attributes', 'embedding'] });
    const off = ({ box }: Face): number =>
      Math.hypot(box.x + (box.width - sight.width) / 2, box.y + (box.height - sight.height) / 2);
    const faces = path.startsWith('lfw/') ? sight.faces.toSorted((a, b) => off(a) - off(b)) : sight.faces;
    const boxes = [...sight.faces.map(({ box }) => box), ...sight.others];
    return { face: faces[0], boxes, trouble: undefined, timings: sight.timings };
  } catch (error) {
    const trouble = error instanceof Refusal ? error.message : `BUG ${error}`;
    return { face: undefined, boxes: [], trouble, timings: {} };
  }
}
