/**
 * Keeps the points of a face in the file of its crop, as a comment of the JPEG: whoever embeds the crop later need not find them
 * anew, and aligns the face as the photograph was.
 */
import type { FacePoints } from './align.ts';

/** The markers of a JPEG (ITU-T T.81, table B.1): its start, the header of JFIF, a comment, and the start of the picture's data. */
const [startOfImage, jfif, comment, startOfScan] = [0xffd8, 0xffe0, 0xfffe, 0xffda];
/** What the comment says. The number is that of the meaning of the points: raise it when they mean something else. */
const pattern = /^familiar points 1:((?: -?\d{1,4}\.\d\d){10})$/;

/**
 * The same JPEG with the points of its face.
 * @param points in pixels of the crop; they are kept to a hundredth.
 */
export function withPoints(jpeg: Uint8Array, points: FacePoints): Uint8Array {
  const numbers = points.flatMap(({ x, y }) => [x.toFixed(2), y.toFixed(2)]);
  const text = Buffer.from(`familiar points 1: ${numbers.join(' ')}`);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(comment);
  head.writeUInt16BE(text.length + 2, 2);
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  // The header of JFIF comes first, by its specification.
  const at = file.readUInt16BE(2) === jfif ? 4 + file.readUInt16BE(4) : 2;
  return new Uint8Array(Buffer.concat([file.subarray(0, at), head, text, file.subarray(at)]));
}

/**
 * The points that a JPEG has of its face.
 * @param side of the crop in pixels.
 * @returns undefined if it has none, as crops of before, or if they cannot be those of a face in it.
 */
export function pointsIn(jpeg: Uint8Array, side: number): FacePoints | undefined {
  const numbers = pattern
    .exec(commentOf(jpeg) ?? '')?.[1]
    ?.trim()
    .split(' ')
    .map(Number);
  if (numbers === undefined) return undefined;
  const points = Array.from({ length: 5 }, (_, i) => ({ x: numbers[2 * i]!, y: numbers[2 * i + 1]! }));
  const isInside = points.every(({ x, y }) => x >= 0 && x <= side && y >= 0 && y <= side);
  const [right, left] = points as [FacePoints[0], FacePoints[0]];
  return isInside && Math.hypot(left!.x - right!.x, left!.y - right!.y) > 1 ? points : undefined;
}

/** The first comment before the picture's data. */
function commentOf(jpeg: Uint8Array): string | undefined {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (view.byteLength < 2 || view.getUint16(0) !== startOfImage) return undefined;
  for (let at = 2; at + 4 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === startOfScan || marker < 0xff00) return undefined;
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === comment) return Buffer.from(jpeg.subarray(at + 4, end)).toString('latin1');
  }
  return undefined;
}
