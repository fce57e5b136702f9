/** Decodes kept crops: small JPEGs that were written here. */
import compile from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import type { Pixels } from '../kernels/pixels.ts';
import { type DecodeLimits, decodePicture } from './decode.ts';

type Decoder = InstanceType<Awaited<ReturnType<typeof compile>>['JPEGDecoder']>;

/** One per process, made when the first crop is decoded. */
let decoder: Promise<Decoder> | undefined;

/**
 * Decodes a crop to the pixels of {@link decodePicture}, in a third of the time if it is a JPEG as they are written here.
 * @throws Refusal as {@link decodePicture} does.
 */
export async function decodeCrop(file: Uint8Array, limits: DecodeLimits): Promise<Pixels> {
  return (await decodePlain(file, limits)) ?? (await decodePicture(file, limits)).pixels;
}

/**
 * Decodes a JPEG that has nothing in it but what crops have.
 * @returns undefined if it is another file, too large, or damaged, or if there is no decoder.
 */
export async function decodePlain(file: Uint8Array, { pixelsMax }: DecodeLimits): Promise<Pixels | undefined> {
  const size = plainSizeOf(file);
  if (size === undefined || size.width * size.height > pixelsMax) return undefined;
  // The decoder never gives back the memory of a file. One that is larger than its pixels is no crop.
  if (file.length > 3 * size.width * size.height) return undefined;
  try {
    decoder ??= compile().then(({ JPEGDecoder }) => new JPEGDecoder());
    const own = await decoder;
    own.getEncodedBuffer(file.length).set(file);
    own.decode();
    return { data: new Uint8Array(own.getDecodedBuffer().slice().buffer), ...size };
  } catch {
    // It keeps some memory of each file that it refuses. Where it could not be made, the next one perhaps can.
    decoder = undefined;
    return undefined;
  }
}

/** Markers of a JPEG (ITU-T T.81, table B.1): its start, a baseline frame, tables of Huffman codes and of steps, a comment, a scan. */
const [startOfImage, frame, huffmanTable, stepTable, comment, startOfScan] = [
  0xffd8, 0xffc0, 0xffc4, 0xffdb, 0xfffe, 0xffda,
];

/**
 * The size of a JPEG that has nothing but a picture in three colours by the usual names, of 8 bits, in one scan: no profile, no
 * orientation, and nothing of which two readers may think otherwise. A file of a thousand scans, each of which takes as long as the
 * picture, is none.
 * @returns undefined for another file.
 */
function plainSizeOf(file: Uint8Array): Pick<Pixels, 'width' | 'height'> | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.byteLength < 2 || view.getUint16(0) !== startOfImage) return undefined;
  let size: ReturnType<typeof plainSizeOf>;
  for (let at = 2; at + 4 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    // The scan of all three colours is the only one that is read (ITU-T T.81, B.2.3).
    if (marker === startOfScan) return file[at + 4] === 3 ? size : undefined;
    if (marker === frame) {
      const isUsual = at + 19 <= view.byteLength && view.getUint8(at + 4) === 8 && view.getUint8(at + 9) === 3;
      const names = isUsual && [0, 1, 2].map((i) => view.getUint8(at + 10 + 3 * i));
      if (String(names) !== '1,2,3' || size !== undefined) return undefined;
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else if (marker !== huffmanTable && marker !== stepTable && marker !== comment) return undefined;
  }
  return undefined;
}
